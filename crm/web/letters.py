"""Templates and notifications as mail: words for one reader, in their language, of what they may see now."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import current_app
from markupsafe import Markup, escape

from crm.config import Settings
from crm.domain.mail_templates.finding import Value, record_for, values
from crm.domain.mail_templates.models import MailTemplate
from crm.domain.mail_templates.places import COMPANY, GENERAL, LINK, RECEIVER, TODAY, Part, parts, paths
from crm.kernel.access import Actor
from crm.kernel.company import company
from crm.kernel.kinds import SOURCED
from crm.kernel.language import naming, reading
from crm.web.fields import show
from crm.web.formats import date


@dataclass(frozen=True)
class Letter:
    """`unseen` are the paths that these eyes do not see; they are empty in the text."""

    subject: str
    text: str
    html: str
    unseen: Sequence[str] = ()


@contextmanager
def read_by(eyes: Actor, language: str) -> Iterator[None]:
    """What is told within is told in this language, with the company's nouns."""
    told, named = reading.set(language), naming.set(eyes.shape)
    try:
        yield
    finally:
        reading.reset(told)
        naming.reset(named)


def address_of(settings: Settings, path: str) -> str:
    """Of a page, for whoever is not on one."""
    return (settings.base_url or f"http://{settings.host}:{settings.port}").rstrip("/") + path


def compose(  # noqa: PLR0913 - all that a letter depends on
    template: MailTemplate, record_type: str, record_id: int, eyes: Actor, language: str, receiver: str = ""
) -> Letter | None:
    """The template filled in for a record with what `eyes` see of it; None where for them there is no such record."""
    record = record_for(eyes, record_type, record_id)
    if record is None:
        return None
    subject, body = template.said(language)
    wanted = list(dict.fromkeys((*paths(subject), *paths(body))))
    with read_by(eyes, language):
        found = values(eyes, record_type, record, wanted)
        words = _general(f"/{record_type}/{record_id}", receiver) | _words(eyes, found)
    unseen = [each for each in wanted if each not in found and each not in GENERAL]
    text = "".join(each.text or words.get(each.path, "") for each in parts(body))
    line = " ".join("".join(each.text or words.get(each.path, "") for each in parts(subject)).split())
    return Letter(line, text, framed(line, _html(parts(body), words), language), unseen)


def framed(title: str, body: Markup, language: str, foot: str = "") -> str:
    template = current_app.jinja_env.get_template("mail/frame.html")
    settings: Settings = current_app.config["SETTINGS"]
    return template.render(title=title, body=body, language=language, company=settings.company, foot=foot)


def _general(path: str, receiver: str) -> dict[str, str]:
    settings: Settings = current_app.config["SETTINGS"]
    return {
        RECEIVER: receiver,
        COMPANY: settings.company,
        LINK: address_of(settings, path),
        TODAY: date(company.today()),
    }


def _words(eyes: Actor, found: Mapping[str, Value]) -> dict[str, str]:
    words = {}
    for path, each in found.items():
        field, value = each.field, each.value
        if field is None:
            words[path] = each.words
            continue
        labels: dict[str, Mapping[Any, str]] = {}
        if field.kind in SOURCED and field.source is not None and value is not None:
            labels = {field.key: field.source.labels(eyes, {value})}
        words[path] = show(field, value, labels)
    return words


_LINK = Markup('<a href="{0}">{0}</a>')
_BREAK, _PARAGRAPH = Markup("<br>"), Markup("<p>{}</p>")


def _html(body: Sequence[Part], words: Mapping[str, str]) -> Markup:
    """Everything is escaped, what was typed into the template as well as what stands in the record."""
    whole = Markup("").join(_part(each, words) for each in body)
    paragraphs = filter(None, (each.strip("\n") for each in whole.split("\n\n")))
    return Markup("\n").join(_PARAGRAPH.format(_BREAK.join(each.split("\n"))) for each in paragraphs)


def _part(part: Part, words: Mapping[str, str]) -> Markup:
    if part.path == LINK:
        return _LINK.format(words[LINK])
    return escape(part.text or words.get(part.path, ""))
