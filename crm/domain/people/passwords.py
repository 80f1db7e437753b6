"""Passwords: kept as argon2id, checked in the same time whoever asks, and not among the first a stranger would try."""

import base64
import re
import secrets
import unicodedata
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from crm.kernel.errors import Invalid
from crm.kernel.text import N_, fold, name_key, syllables

SHORTEST, LONGEST = 12, 200

_TOO_SHORT = N_("A password needs at least %(least)s characters.")
_TOO_LONG = N_("A password may have at most %(most)s characters.")
_COMMON = N_("This password is one of the first that are tried: choose one that nobody would think of.")
_ONES_OWN = N_("A password made from one's own name or e-mail address is easily guessed: choose another.")

_READ_AT_MOST = 5 * LONGEST  # longer than anything that could have been set, short enough to cost nothing
_MARGIN = 6  # this many digits and signs round a common word do not hide it
_DIGITS = "0123456789"
_WALKS = (_DIGITS * 3, "abcdefghijklmnopqrstuvwxyz" * 2, "qwertyuiopasdfghjklzxcvbnm")
_AS_LETTERS = str.maketrans("@4031!$57", "aaoeiisst")

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's choice; 43 ms here


def _of_nobody() -> str:
    """A hash that no password has, and that costs as much to check as a real one."""
    salt, rest = (base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (16, 32))
    return f"$argon2id$v=19$m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}${salt}${rest}"


_NOBODY = _of_nobody()


def hash_password(password: str) -> str:
    """What to store; check_password_rules comes first."""
    return _hasher.hash(_bytes(password))


def verify(hash: str | None, password: str) -> bool:
    """Whether this is the password. Without a hash (no such account) the answer is no, after the same work."""
    try:
        return _hasher.verify(hash or _NOBODY, _bytes(password))
    except VerifyMismatchError:
        return False
    except InvalidHashError:  # something else is stored, such as the mark of an account without a password
        return verify(None, password)


def needs_rehash(hash: str) -> bool:
    """Whether it was made with other costs than today's: at the next sign-in, hash the password again."""
    return _hasher.check_needs_rehash(hash)


def check_password_rules(password: str, *, email: str, name: str) -> None:
    """Raise Invalid, with a sentence, when the password is too short, too long, common, or the person's own name."""
    plain = unicodedata.normalize("NFKC", password[:_READ_AT_MOST])
    if len(plain) < SHORTEST:
        raise Invalid(_TOO_SHORT, least=SHORTEST)
    if len(plain) > LONGEST:
        raise Invalid(_TOO_LONG, most=LONGEST)
    if _is_own(plain, email, name):
        raise Invalid(_ONES_OWN)
    if _is_common(plain):
        raise Invalid(_COMMON)


def _bytes(password: str) -> bytes:
    """One form for what different keyboards send as the same characters (full width, composed and decomposed)."""
    return unicodedata.normalize("NFKC", password[:_READ_AT_MOST]).encode("utf-8", "surrogatepass")


def _is_own(plain: str, email: str, name: str) -> bool:
    whole = [email, email.partition("@")[0], name, "".join(reversed(name.split())), "".join(syllables(name))]
    parts = [part for part in re.split(r"[\s.@_-]+", f"{email} {name}") if len(part) >= 4]
    own = {name_key(each) for each in whole + parts} - {""}
    key = name_key(plain)
    return key in own or key.strip(_DIGITS) in own


def _is_common(plain: str) -> bool:
    return any(_is_known(form) or _is_monotonous(form) for form in (fold(plain), name_key(plain)))


def _is_known(form: str) -> bool:
    """In the list, as it is, in letters that look alike, or with a few digits and signs round it."""
    common = _common()
    bare = re.sub(r"[\W\d_]+$", "", form)
    for core in (form, bare, re.sub(r"^[\W\d_]+", "", bare)):
        margin = form.replace(core, "", 1)
        hidden = len(margin) > _MARGIN and margin not in common
        if not hidden and (core in common or core.translate(_AS_LETTERS) in common):
            return True
    return False


def _is_monotonous(form: str) -> bool:
    """A walk along the keyboard or the alphabet, or one short or common piece again and again."""
    unit = re.fullmatch(r"(.+?)\1+", form)
    if unit and (len(unit[1]) <= 4 or unit[1] in _common()):
        return True
    return any(form in walk or form in walk[::-1] for walk in _WALKS)


@cache
def _common() -> frozenset[str]:
    return frozenset(Path(__file__).with_name("common_passwords.txt").read_text("utf-8").split())
