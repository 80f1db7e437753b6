"""One contract, kept by the folder and by a bucket behind a real HTTP server."""

import hashlib
import io
import os
import socket
import stat

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.server import ThreadedMotoServer

from crm.config import Settings, SettingsError
from crm.infra.storage import Stored, checked, new_key, storage_for

BYTES = bytes(range(256)) * 8192 + "客户".encode() + b"\0\r\n"  # two megabytes and a bit: more than one chunk
NOT_KEYS = [
    *("", ".", "..", "../secret", "/etc/passwd", "ab/../../x", "a" * 31, "a" * 33, "A" * 32, "g" * 32, "a" * 32 + "\n"),
    *("a" * 32 + "/x", "a" * 32 + ".", "a" * 32 + "..", "a" * 32 + ".tar.gz", "a" * 32 + ".toolong12", "a" * 32 + "\0"),
    *("a" * 30 + "..", "%2e%2e/" + "a" * 25, "..\\" + "a" * 29, "١" * 32),
]


class Torn(io.RawIOBase):
    """An upload whose line breaks in the middle."""

    def __init__(self):
        self.pieces = iter([b"half"])

    def read(self, size=-1):
        for piece in self.pieces:
            return piece
        raise ConnectionResetError


class Contract:
    def test_what_was_put_is_read_back_by_path_and_by_stream(self, storage):
        stored = storage.put(io.BytesIO(BYTES), suffix=".csv")
        assert stored == Stored(stored.key, len(BYTES), hashlib.sha256(BYTES).hexdigest())
        with storage.path(stored.key) as path:
            assert path.read_bytes() == BYTES
        with storage.open(stored.key) as file:
            assert file.read(3) == BYTES[:3]
            assert file.read() == BYTES[3:]

    def test_an_empty_file_is_a_file(self, storage):
        stored = storage.put(io.BytesIO())
        assert stored.size == 0
        with storage.path(stored.key) as path:
            assert path.read_bytes() == b""

    def test_only_what_the_stream_has_left_is_kept(self, storage):
        stream = io.BytesIO(b"heading\nrow\n")
        stream.readline()
        with storage.open(storage.put(stream).key) as file:
            assert file.read() == b"row\n"

    def test_equal_contents_have_their_own_keys(self, storage):
        first, second = storage.put(io.BytesIO(b"same")), storage.put(io.BytesIO(b"same"))
        assert first.key != second.key
        storage.delete(first.key)
        assert (storage.exists(first.key), storage.exists(second.key)) == (False, True)

    @pytest.mark.parametrize(
        ("suffix", "kept"),
        [
            (".xlsx", ".xlsx"),
            (".CSV", ".csv"),
            ("", ""),
            ("csv", ""),
            ("/../x", ""),
            (".a/b", ""),
            (".x\n", ""),
            (".表", ""),
        ],
    )
    def test_only_a_plain_suffix_is_kept(self, storage, suffix, kept):
        key = storage.put(io.BytesIO(b"x"), suffix=suffix).key
        assert key[32:] == kept
        assert storage.exists(key)

    def test_deleting_twice_is_no_error(self, storage):
        key = storage.put(io.BytesIO(b"x")).key
        storage.delete(key)
        storage.delete(key)
        assert not storage.exists(key)

    def test_a_key_without_a_file_is_file_not_found(self, storage):
        key = new_key(".csv")
        with pytest.raises(FileNotFoundError):
            storage.open(key)
        with pytest.raises(FileNotFoundError), storage.path(key):
            pass

    @pytest.mark.parametrize("key", NOT_KEYS)
    def test_what_is_no_key_never_meets_a_path(self, storage, key):
        for method in (storage.open, storage.delete, storage.exists):
            with pytest.raises(ValueError, match="key"):
                method(key)
        with pytest.raises(ValueError, match="key"), storage.path(key):
            pass

    def test_a_broken_upload_leaves_nothing(self, storage, instance, kept):
        before = kept()
        with pytest.raises(ConnectionResetError):
            storage.put(Torn())
        assert kept() == before
        assert not list((instance / "uploads/incoming").iterdir())

    def test_reading_leaves_no_copy_behind(self, storage, instance):
        key = storage.put(io.BytesIO(b"x")).key
        with pytest.raises(KeyError), storage.path(key):
            raise KeyError
        assert not list((instance / "uploads/incoming").iterdir())
        assert storage.exists(key)


@pytest.fixture
def instance(tmp_path):
    return tmp_path / "an instance"


class TestFolder(Contract):
    @pytest.fixture
    def storage(self, instance):
        return storage_for(Settings(instance=instance))

    @pytest.fixture
    def kept(self, instance):
        return lambda: sorted(path for path in (instance / "uploads").rglob("*") if path.is_file())

    def test_the_file_is_spread_by_its_key_and_private(self, storage, instance):
        key = storage.put(io.BytesIO(b"x"), suffix=".csv").key
        file = instance / "uploads" / key[:2] / key[2:]
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
        with storage.path(key) as path:
            assert path == file

    def test_a_folder_that_cannot_be_made_is_an_os_error(self, storage, instance):
        (instance / "uploads").parent.mkdir()
        (instance / "uploads").write_bytes(b"in the way")
        with pytest.raises(OSError, match="uploads"):
            storage.put(io.BytesIO(b"x"))

    def test_the_instance_may_be_named_from_where_one_stands(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        storage = storage_for(Settings())
        key = storage.put(io.BytesIO(b"x")).key
        monkeypatch.chdir(os.sep)
        assert storage.exists(key)


@pytest.fixture(scope="module")
def server():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def credentials(monkeypatch, tmp_path):
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "absent"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "one")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "two")


class TestBucket(Contract):
    @pytest.fixture
    def client(self, server, credentials):
        client = boto3.client("s3", endpoint_url=server, region_name="us-east-1")
        client.create_bucket(Bucket="files")
        yield client
        for found in client.list_objects_v2(Bucket="files").get("Contents", []):
            client.delete_object(Bucket="files", Key=found["Key"])

    @pytest.fixture
    def kept(self, client):
        return lambda: [found["Key"] for found in client.list_objects_v2(Bucket="files").get("Contents", [])]

    @pytest.fixture
    def storage(self, client, instance, server):
        return storage_for(Settings(instance=instance, storage_url=f"s3://files/crm/kept?endpoint={server}"))

    def test_the_object_is_under_the_prefix(self, storage, kept):
        assert kept() == []
        key = storage.put(io.BytesIO(b"x"), suffix=".csv").key
        assert kept() == [f"crm/kept/{key}"]

    def test_without_a_prefix_it_is_at_the_top(self, client, kept, instance, server):
        storage = storage_for(Settings(instance=instance, storage_url=f"s3://files?endpoint={server}&region=eu-west-1"))
        key = storage.put(io.BytesIO(b"x")).key
        assert kept() == [key]

    def test_a_bucket_that_is_not_there_is_an_os_error(self, client, instance, server):
        storage = storage_for(Settings(instance=instance, storage_url=f"s3://absent?endpoint={server}"))
        with pytest.raises(OSError, match="NoSuchBucket"):
            storage.put(io.BytesIO(b"x"))

    def test_a_server_that_is_not_there_is_an_os_error(self, credentials, instance, unused_port):
        url = f"s3://files?endpoint=http://127.0.0.1:{unused_port}&region=us-east-1"
        storage = storage_for(Settings(instance=instance, storage_url=url))
        with pytest.raises(OSError, match="connect"):
            storage.exists(new_key(""))


@pytest.fixture
def unused_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.mark.parametrize(
    "url", ["s3:///prefix", "s3://bucket?endpint=http://x", "s3://bucket?addressing=odd", "s3://me:pw@bucket"]
)
def test_an_address_that_makes_no_sense_stops_the_boot(url, tmp_path):
    with pytest.raises(SettingsError, match="CRM_STORAGE_URL"):
        storage_for(Settings(instance=tmp_path, storage_url=url))


@given(st.text())
def test_only_keys_of_our_making_pass(text):
    assert checked(new_key(text))
    with pytest.raises(ValueError, match="key"):
        checked(text + "/")
