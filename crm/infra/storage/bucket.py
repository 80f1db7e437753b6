"""Files in an S3-compatible bucket: `s3://bucket/prefix?endpoint=https://…&region=…&addressing=virtual`.

Who we are comes from the usual AWS_… variables or the machine's role, never from the address.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, cast
from urllib.parse import parse_qsl, urlsplit

import boto3
from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from crm.config import SettingsError
from crm.infra.storage import Stored, checked, new_key
from crm.infra.storage.scratch import scratch, spooled


class BucketError(OSError):
    """The bucket refused, or could not be reached."""


@dataclass(frozen=True)
class Address:
    bucket: str
    prefix: str
    endpoint: str | None
    region: str | None
    addressing: str

    @classmethod
    def parse(cls, url: str) -> "Address":
        parts = urlsplit(url)
        options = dict(parse_qsl(parts.query))
        endpoint, region = options.pop("endpoint", None), options.pop("region", None)
        # Most servers of one's own have no host name per bucket; Aliyun OSS insists on one.
        addressing = options.pop("addressing", "path" if endpoint else "auto")
        if not parts.netloc or "@" in parts.netloc or options or addressing not in ("path", "virtual", "auto"):
            raise SettingsError(
                "CRM_STORAGE_URL must be s3://bucket/prefix?endpoint=…&region=…&addressing=path|virtual."
            )
        prefix = parts.path.strip("/")
        return cls(parts.netloc, prefix and f"{prefix}/", endpoint, region, addressing)


class Bucket:
    def __init__(self, url: str, *, scratch: Path) -> None:
        self._address = Address.parse(url)
        self._scratch = scratch
        self._client = _client(self._address)

    def put(self, stream: IO[bytes], *, suffix: str = "", key: str = "") -> Stored:
        key = key or new_key(suffix)
        with spooled(stream, self._scratch) as copy, _plain_errors(key):
            self._client.upload_file(str(copy.path), self._address.bucket, self._name(key))
        return Stored(key, copy.size, copy.sha256)

    @contextmanager
    def path(self, key: str) -> Iterator[Path]:
        name = self._name(key)
        with scratch(self._scratch) as path:
            with _plain_errors(key):
                self._client.download_file(self._address.bucket, name, str(path))
            yield path

    def open(self, key: str) -> BinaryIO:
        name = self._name(key)
        with _plain_errors(key):
            return cast(BinaryIO, self._client.get_object(Bucket=self._address.bucket, Key=name)["Body"])

    def delete(self, key: str) -> None:
        name = self._name(key)
        with _plain_errors(key):
            self._client.delete_object(Bucket=self._address.bucket, Key=name)

    def exists(self, key: str) -> bool:
        name = self._name(key)
        try:
            with _plain_errors(key):
                self._client.head_object(Bucket=self._address.bucket, Key=name)
        except FileNotFoundError:
            return False
        return True

    def _name(self, key: str) -> str:
        return self._address.prefix + checked(key)


def _client(address: Address) -> Any:
    config = Config(
        connect_timeout=5,
        read_timeout=60,
        retries={"mode": "standard", "max_attempts": 3},
        s3={"addressing_style": address.addressing},
        # The newer checksums are unknown to many S3-compatible servers.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    return boto3.client("s3", endpoint_url=address.endpoint, region_name=address.region, config=config)


@contextmanager
def _plain_errors(key: str) -> Iterator[None]:
    """Callers know OSError, not botocore."""
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] in ("404", "NoSuchKey"):
            raise FileNotFoundError(f"No stored file {key}.") from error
        raise BucketError(str(error)) from error
    except (Boto3Error, BotoCoreError) as error:
        raise BucketError(str(error)) from error
