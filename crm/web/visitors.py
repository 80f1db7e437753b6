"""Pages for people who have no account: no session, no cookie, their own language; and what tells them from robots."""

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from flask import current_app, g, request
from itsdangerous import BadData, URLSafeSerializer

from crm.config import LANGUAGES
from crm.infra import clock
from crm.kernel.language import reading
from crm.web.i18n import language

_NAMES = {"en": "English", "zh_CN": "中文"}
LANG = "lang"
LONGEST_VISIT = 24 * 60 * 60  # seconds that a page may be open before it is sent


def speak() -> None:
    """As they chose on the page, else as their browser says."""
    chosen = request.values.get(LANG, "")
    if chosen in LANGUAGES:
        g.language = chosen
    reading.set(language())


def chosen() -> str | None:
    """To be kept in the addresses of the page."""
    said = request.values.get(LANG, "")
    return said if said in LANGUAGES else None


def others() -> list[tuple[str, str]]:
    """(language, its own name) of those the page is not in."""
    return [(each, _NAMES[each]) for each in LANGUAGES if each != language()]


def key_of(address: str) -> str:
    """Tells whether two came from one address, and not from which."""
    key = f"visitors:{current_app.secret_key}".encode()
    return hmac.new(key, address.encode(), hashlib.sha256).hexdigest()


def is_ours(site: str) -> bool:
    """Whether an Origin is this server: by host and port, as a proxy may speak another scheme with us."""
    known = {request.host, urlsplit(g.settings.base_url or "").netloc}
    try:
        said = urlsplit(site).netloc
    except ValueError:  # anybody may send anything
        return False
    return bool(said) and said in known


def ticket_for(form_id: int) -> str:
    """Says when a page was opened; signed, each another one, so that it is also what a proof of work is about."""
    return str(_signer().dumps([form_id, int(clock.now().timestamp() * 1000), secrets.token_urlsafe(9)]))


def age_of(ticket: str, form_id: int) -> float | None:
    """Seconds since the page was opened; None where it is none of ours."""
    try:
        of, at, _ = _signer().loads(ticket)
    except BadData:
        return None
    return clock.now().timestamp() - at / 1000 if of == form_id else None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="visitors")


def said_in(by_language: dict[str, str]) -> str:
    """What an administrator worded, for this reader; in another language where it is said in no other."""
    words = by_language.get(language(), "")
    return words or next(filter(None, by_language.values()), "")
