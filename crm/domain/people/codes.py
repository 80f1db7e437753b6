"""Codes that change every half minute (RFC 6238 with SHA-1 and six digits, as every authenticator reads it)."""

import base64
import hmac
import secrets
import unicodedata

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP, DIGITS, DRIFT = 30, 6, 1  # seconds; how many; steps that a clock may be wrong either way
SECRET_BYTES = 20
RECOVERY_CODES, RECOVERY_BYTES = 10, 15  # 120 bits each


def new_secret() -> str:
    """Base32, as it is typed."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def code_at(secret: str, step: int) -> str:
    return _totp(secret).generate(step * STEP).decode()


def step_of(secret: str, code: str, seconds: float, *, after: int) -> int | None:
    """The step whose code this is, near the moment and after the last one that was used."""
    now = int(seconds // STEP)
    for step in range(now - DRIFT, now + DRIFT + 1):
        if step > after and hmac.compare_digest(code_at(secret, step), code):
            return step
    return None


def address(secret: str, issuer: str, account: str) -> str:
    """What an authenticator reads from the picture."""
    return _totp(secret).get_provisioning_uri(account, issuer)


def _totp(secret: str) -> TOTP:
    return TOTP(base64.b32decode(secret), DIGITS, SHA1(), STEP)


def new_recovery_codes() -> list[str]:
    made = (base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower() for _ in range(RECOVERY_CODES))
    return ["-".join(each[at : at + 6] for at in range(0, len(each), 6)) for each in made]


def plain(typed: str) -> str:
    """As it is compared: without blanks and hyphens, whatever keyboard it comes from. ASCII only."""
    narrow = unicodedata.normalize("NFKC", typed[:100]).lower()
    return "".join(char for char in narrow if char.isascii() and char.isalnum())
