"""Texts that the database keeps encrypted, and the keys they are encrypted with.

A sealed text is `key.mark.body`:

    key    which key: the first 8 hex digits of a digest of it
    mark   the blind index: HMAC-SHA256 of place and text under a key of its own, cut to 128 bits; equal texts of one
           place have equal marks, so the database can look for a text it cannot read
    body   base64url of nonce (12 bytes) and AES-256-GCM ciphertext, bound to its place, key and mark

A place (`customers.x_id_card`) is where a text belongs: moved anywhere else it does not open.

A file of keys that is gone is never replaced by itself: beside it stands `field_keys.made`, which says that there was
one. An empty file `field_keys` is how somebody says that the old keys are lost for good.
"""

import base64
import binascii
import fcntl
import hmac
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from crm.config import Settings
from crm.infra.secret import kept

_NONCE, _MARK = 12, 16  # bytes


LOST = (
    "The file {path} is gone, and what is encrypted cannot be read without it. Put it back from your backup. If it is "
    "lost for good, make an empty file of that name: a new key is made, and the old values stay unreadable."
)
_MADE = (
    "There was a file field_keys here. While this file is, it is not made anew: without it nothing encrypted opens.\n"
)
log = structlog.get_logger(__name__)


class KeysLost(RuntimeError):
    """The file of keys is gone."""


class Unreadable(Exception):
    """A sealed text that does not open: it is not what was sealed there."""


class KeyMissing(Unreadable):
    """It was sealed with a key that is not there."""


class Key:
    """One secret, from which a key to encrypt and a key to mark are derived; either tells nothing of the other."""

    def __init__(self, secret: str) -> None:
        self.id = sha256(b"crm field key\0" + secret.encode()).hexdigest()[:8]
        self._cipher = AESGCM(_derived(secret, b"encrypt"))
        self._marking = _derived(secret, b"blind index")

    def mark(self, place: str, folded: str) -> str:
        told = f"{place}\0{folded}".encode()
        return _text(hmac.digest(self._marking, told, "sha256")[:_MARK])

    def seal(self, place: str, text: str, folded: str) -> str:
        mark, nonce = self.mark(place, folded), os.urandom(_NONCE)
        return f"{self.id}.{mark}.{_text(nonce + self._cipher.encrypt(nonce, text.encode(), self._bound(place, mark)))}"

    def open(self, place: str, mark: str, body: str) -> str:
        try:
            whole = base64.b64decode(body + "=" * (-len(body) % 4), b"-_", validate=True)
            return self._cipher.decrypt(whole[:_NONCE], whole[_NONCE:], self._bound(place, mark)).decode()
        except (InvalidTag, ValueError, binascii.Error) as error:
            raise Unreadable(place) from error

    def _bound(self, place: str, mark: str) -> bytes:
        return f"{place}\0{self.id}\0{mark}".encode()


def _derived(secret: str, use: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"crm fields: " + use).derive(secret.encode())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class _Vault:
    """`path` holds one secret a line, the newest last; nothing where the environment gives them."""

    path: Path | None = None
    read_at: tuple[int, int] = (0, 0)  # when the file was changed, and its size
    keys: Mapping[str, Key] = field(default_factory=dict)  # oldest first
    missed: bool = False  # the file is gone, and it was said


_vault = _Vault()


def init(settings: Settings) -> None:
    _vault.path, _vault.read_at, _vault.keys, _vault.missed = None, (0, 0), {}, False
    if settings.field_keys:
        _vault.keys = _keys(settings.field_keys)
    else:
        _vault.path = settings.instance / "field_keys"


def ring() -> Mapping[str, Key]:
    """Every key by its id, the newest last; another process may have added one a moment ago. Raises KeysLost."""
    path = _vault.path
    if path is None:
        return _vault.keys
    try:
        found = path.stat()
    except FileNotFoundError:
        if _vault.keys:
            return _still_known(path)
        if _mark(path).exists():
            raise KeysLost(LOST.format(path=path)) from None
        kept(path)
        found = path.stat()
    if (at := (found.st_mtime_ns, found.st_size)) != _vault.read_at:
        _vault.keys, _vault.read_at, _vault.missed = _keys(path.read_text().strip() or kept(path)), at, False
        with suppress(OSError):  # where the file is lent to us to read, it is not ours to miss
            _mark(path).write_text(_MADE)
    return _vault.keys


def is_lost() -> bool:
    """Whether there is no file of keys, where the environment gives none; nothing is made by asking."""
    return _vault.path is not None and not _vault.path.exists()


def path() -> Path | None:
    return _vault.path


def _mark(path: Path) -> Path:
    return path.with_suffix(".made")


def _still_known(path: Path) -> Mapping[str, Key]:
    """This process has read the keys: it goes on, and says once that nobody else can."""
    if not _vault.missed:
        log.error("vault.keys_lost", problem=LOST.format(path=path))
        _vault.missed = True
    return _vault.keys


@lru_cache(8)
def _keys(secrets_: str) -> Mapping[str, Key]:
    return {key.id: key for key in map(Key, secrets_.split())}


def newest() -> Key:
    return list(ring().values())[-1]


def add_key() -> Key | None:
    """A new key for everything sealed from now on; None where the keys are given by the environment."""
    ring()
    if _vault.path is None:
        return None
    with open(_vault.path, "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        before = file.read()
        file.write(("" if before.endswith("\n") else "\n") + secrets.token_urlsafe(48) + "\n")
    return newest()


def forget_key(id_: str) -> bool:
    """Remove an old key from the file: what is sealed with it is lost. False where that is not ours to do."""
    if _vault.path is None or id_ not in ring() or id_ == newest().id:
        return False
    left = [each for each in _vault.path.read_text().split() if Key(each).id != id_]
    beside = _vault.path.with_suffix(".new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write("\n".join(left) + "\n")
    beside.replace(_vault.path)
    return True


def seal(place: str, text: str, folded: str) -> str:
    """`folded` is the text as it is compared."""
    return newest().seal(place, text, folded)


def unseal(place: str, sealed: str) -> str:
    """Raises Unreadable, and KeyMissing where another key would have helped."""
    id_, _, rest = sealed.partition(".")
    mark, _, body = rest.partition(".")
    if not body:
        raise Unreadable(place)
    if (key := ring().get(id_)) is None:
        raise KeyMissing(id_)
    return key.open(place, mark, body)


def marks(place: str, folded: str) -> list[str]:
    """The blind index of a text under every key there is: a value may wait to be sealed anew."""
    return [key.mark(place, folded) for key in ring().values()]
