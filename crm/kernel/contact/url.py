"""Web addresses: only what a browser can open safely from a link."""

import re
from urllib.parse import SplitResult, urlsplit

import idna

from crm.kernel.contact.shown import shown
from crm.kernel.errors import Invalid
from crm.kernel.text import N_, clean

_LIMIT = 2_000
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    ord("。"): ord("."),
    0x3000: ord(" "),
}
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):(?![0-9]{1,5}(?:[/?#]|$))")
_UNSAFE = re.compile(r"[\x00-\x20\x7f\"<>\\^`{|}]")
# What urlsplit and idna would say of an ordinary address, at a twentieth of their cost; anything else is left to them.
_ORDINARY = re.compile(
    r"(https?://)?((?:[A-Za-z0-9](?:[A-Za-z0-9]|-(?!-)){0,40}(?<!-)\.){1,4}[A-Za-z]{2,10})(/[A-Za-z0-9/_.~\-]{0,200})?"
)
_MISSING = N_("A web address is missing here.")
_TOO_LONG = N_("This web address is longer than %(limit)s characters.")
_ONLY_WEB = N_("“%(value)s” is not a web address: only http:// and https:// can be opened here.")
_NOT_AN_ADDRESS = N_("“%(value)s” is not a web address: it should look like www.company.com.")


def parse_url(text: str) -> str:
    """The address with its scheme (https:// where none was written) and a lower-case host; raises Invalid.

    Refused: other schemes, user names in the address (they make a false host look true), blanks and quotes.
    """
    address = clean(text).translate(_FULL_WIDTH).strip()
    if not address:
        raise Invalid(_MISSING)
    if len(address) > _LIMIT:
        raise Invalid(_TOO_LONG, limit=_LIMIT)
    if ordinary := _ORDINARY.fullmatch(address):
        return (ordinary[1] or "https://") + ordinary[2].lower() + (ordinary[3] or "")
    scheme = _SCHEME.match(address)
    if scheme and scheme[1].lower() not in ("http", "https"):
        raise Invalid(_ONLY_WEB, value=shown(text))
    parts = _split(address if scheme else "https://" + address.removeprefix("//"))
    if parts is None or _UNSAFE.search(address):
        raise Invalid(_NOT_AN_ADDRESS, value=shown(text))
    return parts.geturl()


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    host = (parts.hostname or "").rstrip(".")
    if "@" in parts.netloc or not _is_host(host):
        return None
    return parts._replace(scheme=parts.scheme.lower(), netloc=host if port is None else f"{host}:{port}")


def _is_host(host: str) -> bool:
    if "." not in host:
        return False
    try:
        return bool(idna.encode(host, uts46=True))
    except idna.IDNAError:
        return False
