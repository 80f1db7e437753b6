"""E-mail addresses, checked by their form alone: nobody's mail server is asked."""

import re
import unicodedata

from email_validator import EmailNotValidError, validate_email
from phonenumbers import SUPPORTED_REGIONS as COUNTRIES

from crm.kernel.contact.shown import shown
from crm.kernel.errors import Invalid
from crm.kernel.text import N_

_BLANKS = " \t\u3000\xa0"
_INVISIBLE = re.compile("[\xad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_WRAPPED = re.compile(r"(?:mailto:)?<?([^<>]*)>?", re.IGNORECASE)
# What email-validator would say of an ordinary address, at a tenth of its cost; anything else is left to it.
_ORDINARY = re.compile(
    r"[A-Za-z0-9_+\-]+(?:\.[A-Za-z0-9_+\-]+)*@"
    r"((?:[A-Za-z0-9](?:[A-Za-z0-9]|-(?!-)){0,40}(?<!-)\.){1,4}(?:com|cn|net|org|edu|gov))"
)
_ORDINARY_LIMIT = 64
_MISSING = N_("An e-mail address is missing here.")
_SEVERAL = N_("“%(value)s” holds more than one e-mail address: keep one of them here.")
_NOT_AN_ADDRESS = N_("“%(value)s” is not an e-mail address: it should look like name@company.com.")


def parse_email(text: str) -> str:
    """The address with a lower-case domain; raises Invalid.

    Taken: what RFC 5321 lets a mail server deliver, also in other scripts; a country's own domain (name@io).
    Refused, though some RFC allows it: quoted names, addresses in brackets, comments, line breaks, other single-word
    domains (nearly always a forgotten .com) and domains that cannot exist outside (.local, .test).
    """
    address = _unwrapped(text)
    if not address:
        raise Invalid(_MISSING)
    ordinary = _ORDINARY.fullmatch(address) if len(address) <= _ORDINARY_LIMIT else None
    if ordinary:
        return address[: ordinary.start(1)] + ordinary[1].lower()
    domain = address.rpartition("@")[2]
    try:
        return validate_email(
            address,
            check_deliverability=False,
            globally_deliverable=domain.upper() not in COUNTRIES,
        ).normalized
    except EmailNotValidError:
        message = _SEVERAL if address.count("@") > 1 and re.search(r"[,;，；、\s/]", address) else _NOT_AN_ADDRESS
        raise Invalid(message, value=shown(text)) from None


def email_key(address: str) -> str:
    """The key under which two addresses are the same: no server in use tells them apart by case."""
    return address.casefold()


def _unwrapped(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    text = text.strip(_BLANKS)
    wrapped = _WRAPPED.fullmatch(text)
    return wrapped[1].strip(_BLANKS) if wrapped else text
