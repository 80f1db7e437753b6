"""Words in the reader's language.

Catalogues are read once into dictionaries: a page asks for hundreds of words, and gettext's
own look-up (11 µs) would cost more than the page's query.
"""

from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from flask import Flask, g, has_request_context, request
from flask_babel import Babel
from markupsafe import Markup, escape

from crm.config import LANGUAGES
from crm.kernel.language import Filled, Words, naming, reading
from crm.web.nouns import named

TRANSLATIONS = Path(__file__).parent.parent / "translations"
COOKIE = "language"


@cache
def catalogue(language: str) -> dict[str, str]:
    """Message → translation; what is fuzzy or empty stays English. Sentences are written to need no plural forms."""
    path = TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        return {str(each.id): str(each.string) for each in read_po(file) if each.id and each.string and not each.fuzzy}


def language() -> str:
    """Chosen by the person, else by this browser, else by the company."""
    if not has_request_context():
        return "en"
    if "language" not in g:
        person = g.get("person")
        chosen = (person.language if person else None) or request.cookies.get(COOKIE)
        g.language = chosen if chosen in LANGUAGES else _of_browser()
    return g.language


def _of_browser() -> str:
    settings = g.get("settings")
    default = settings.language if settings else "en"
    for tag, _ in request.accept_languages:
        if tag.lower().startswith("zh"):
            return "zh_CN"
        if tag.lower().startswith("en"):
            return "en"
    return default


def into(language: str, message: str) -> str:
    """The message in a language: by the catalogue, or as an administrator worded it."""
    if isinstance(message, Words):
        return message.into(language)
    told = named(language, message, delivered(language, message), catalogue)
    return told % message.params if isinstance(message, Filled) else told


def delivered(language: str, message: str) -> str:
    """By the catalogue alone."""
    return catalogue(language).get(message, message)


def gettext(message: str, **params: Any) -> str:
    told = into(reading.get(), message)
    return told % params if params else told


def noun(label: str) -> str:
    """What a type is called within a sentence, from its label: for sentences that serve every type, in which it stands
    as `%(record)s` or `%(records)s`."""
    return gettext(f"%({label.lower()})s")


def worded(message: str, **params: Any) -> Markup:
    """For templates, which take it for safe: words that somebody typed go through the filter `words` instead.

    Always a format, with or without something to fill in, so that a percent sign is always written twice.
    """
    if params:
        return _told(reading.get(), message, naming.get()) % params
    return _plain(reading.get(), message, naming.get())


@lru_cache(4096)
def _told(language: str, message: str, _version: int) -> Markup:
    """With the company's nouns, which are those of the version."""
    return Markup(named(language, message, delivered(language, message), catalogue, _escaped))


@lru_cache(4096)
def _plain(language: str, message: str, version: int) -> Markup:
    return _told(language, message, version) % {}


def _escaped(noun: str) -> str:
    return str(escape(noun))


def init_app(app: Flask) -> None:
    Babel(app, locale_selector=language, default_domain="messages")
    app.jinja_env.globals.update(_=worded, gettext=worded)
