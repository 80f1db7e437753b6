"""Uploaded files: a folder of the instance, or an S3-compatible bucket when `CRM_STORAGE_URL` names one."""

import re
import secrets
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, Protocol

from crm.config import Settings

_KEY = re.compile(r"[0-9a-f]{32}(\.[a-z0-9]{1,8})?")
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")


@dataclass(frozen=True)
class Stored:
    """A file that is safely kept: its key, its length in bytes, its SHA-256 in hexadecimal."""

    key: str
    size: int
    sha256: str


class Storage(Protocol):
    """Keeps files under random keys; every method but `put` takes such a key.

    A text that is no key is a ValueError, a key without a file a FileNotFoundError, and a full disk or a bucket that
    cannot be reached another OSError.
    """

    def put(self, stream: IO[bytes], *, suffix: str = "", key: str = "") -> Stored:
        """Keep what the stream has left, all or nothing. The suffix (".csv") is left off unless it is a plain one.

        `key` is one that was made before (`new_key`) and written down, so that the file is found whatever happens.
        """
        ...

    def path(self, key: str) -> AbstractContextManager[Path]:
        """A file of this machine to read while the context lasts; perhaps a copy."""
        ...

    def open(self, key: str) -> BinaryIO:
        """The bytes from the beginning; read forward and close."""
        ...

    def delete(self, key: str) -> None:
        """Forget the file; a second time is no error."""
        ...

    def exists(self, key: str) -> bool: ...


def storage_for(settings: Settings) -> Storage:
    """The storage these settings ask for; SettingsError when `CRM_STORAGE_URL` cannot be understood."""
    folder = settings.instance.resolve() / "uploads"
    if settings.storage_url:
        from crm.infra.storage.bucket import Bucket  # boto3 is an extra, and half a second to import

        return Bucket(settings.storage_url, scratch=folder)
    from crm.infra.storage.folder import Folder

    return Folder(folder)


def new_key(suffix: str) -> str:
    """A random key. Nothing of the file decides it but an ending of letters and digits."""
    suffix = suffix.lower()
    return secrets.token_hex(16) + (suffix if _SUFFIX.fullmatch(suffix) else "")


def checked(key: str) -> str:
    """The key itself, if it is one: whatever else was sent never meets a path."""
    if not _KEY.fullmatch(key):
        raise ValueError("This is not the key of a stored file.")
    return key
