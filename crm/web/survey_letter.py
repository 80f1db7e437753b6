"""The mail that asks how content somebody is: in both languages, as nobody knows which one a contact reads."""

from flask import current_app
from markupsafe import Markup, escape

from crm.config import LANGUAGES, Settings
from crm.domain.satisfaction.answering import Asked, asked
from crm.domain.satisfaction.asking import OfSurvey
from crm.kernel.access import Actor
from crm.kernel.text import N_
from crm.web.formats import day
from crm.web.i18n import gettext
from crm.web.letters import Letter, address_of, framed, read_by

_SUBJECT = N_("How content are you with our help? (%(number)s)")
_TEXT = N_(
    "your request %(number)s was solved on %(day)s. How was our help? It takes one click and, if you like, a few words:"
)
_ONCE = N_("The link is good once, until %(day)s.")


def survey_letter(eyes: Actor, language: str, made: OfSurvey) -> Letter | None:
    """None where it need not be asked any more: answered, run out, or a newer link was made."""
    found = asked(made.token)
    if found is None or found.answered:
        return None
    settings: Settings = current_app.config["SETTINGS"]
    link = address_of(settings, f"/s/{made.token}")
    spoken = [language, *(each for each in LANGUAGES if each != language)]
    parts = [_part(eyes, each, found, f"{link}?lang={each}") for each in spoken]
    with read_by(eyes, language):
        subject = gettext(_SUBJECT, number=found.number)
    html = Markup("\n<hr>\n").join(Markup('<p>{}<br><a href="{}">{}</a></p><p>{}</p>').format(*each) for each in parts)
    text = "\n\n– – –\n\n".join(f"{words}\n{url}\n\n{once}" for words, url, _, once in parts)
    return Letter(subject, text, framed(subject, Markup(escape(html)), language))


def _part(eyes: Actor, language: str, found: Asked, link: str) -> tuple[str, str, str, str]:
    with read_by(eyes, language):
        words = gettext(_TEXT, number=found.number, day=day(found.solved_at))
        return words, link, link, gettext(_ONCE, day=day(found.expires_at))
