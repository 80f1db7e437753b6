"""What administrators do to templates, and mail that is made of them."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from crm.config import LANGUAGES
from crm.domain.mail.actions import To, post
from crm.domain.mail.made import OfTemplate
from crm.domain.mail_templates.events import MailTemplateChanged, MailTemplateRetired
from crm.domain.mail_templates.models import MAIL, MESSAGE, MailTemplate
from crm.domain.mail_templates.places import refuse_unknown
from crm.domain.mail_templates.queries import delivered
from crm.domain.registry import RECORD_TYPES
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import record
from crm.kernel.overtaken import refuse_overtaken
from crm.kernel.text import N_, clean

MOST, LONGEST_NAME, LONGEST_SUBJECT, LONGEST_BODY = 200, 80, 200, 10_000
_KEYS = ("name", "channel", "record_type", "subject", "body")


def save(actor: Actor, template: MailTemplate | None, given: Mapping[str, Any], *, seen: int = 0) -> MailTemplate:
    """`given` has name, channel, record_type, and subject and body by language. `seen` is the version it was edited
    over: Conflict where somebody else has changed it since."""
    values = checked(actor, given)
    if template is None:
        if (db.session.scalar(select(func.count()).where(MailTemplate.retired_at.is_(None))) or 0) >= MOST:
            raise Invalid(N_("There are %(most)s templates already: retire one first."), most=MOST)
        template = MailTemplate(version=0)
        db.session.add(template)
    else:
        refuse_overtaken(template, seen)
    before = {key: getattr(template, key) for key in _KEYS}
    changes: dict[str, list[Any]] = {key: [before[key], values[key]] for key in _KEYS if before[key] != values[key]}
    if changes:
        for key, value in values.items():
            setattr(template, key, value)
        template.version += 1
        template.updated_at = clock.now()
        record(actor, template, MailTemplateChanged(template.name, changes))
    return template


def checked(actor: Actor, given: Mapping[str, Any]) -> dict[str, Any]:
    """As it is kept; Invalid with the `key` of what is wrong."""
    name, type_key, channel = clean(given["name"]), given["record_type"], given["channel"]
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(N_("A template needs a name of at most %(most)s characters."), most=LONGEST_NAME, key="name")
    if type_key not in RECORD_TYPES or channel not in (MAIL, MESSAGE):
        raise Invalid(N_("Choose what it is about, and whether it is a mail or a message."), key="record_type")
    subject = _texts(actor, given, "subject", type_key, LONGEST_SUBJECT) if channel == MAIL else {}
    body = _texts(actor, given, "body", type_key, LONGEST_BODY)
    if not body or channel == MAIL and set(subject) != set(body):
        raise Invalid(N_("In each language it is written in, a mail has a subject and a text."), key="body_en")
    return {"name": name, "record_type": type_key, "channel": channel, "subject": subject, "body": body}


def _texts(actor: Actor, given: Mapping[str, Any], part: str, type_key: str, most: int) -> dict[str, str]:
    found = {}
    for language in LANGUAGES:
        text = clean(given[part].get(language, ""), lines=part == "body")
        if len(text) > most:
            raise Invalid(N_("At most %(most)s characters fit."), most=most, key=f"{part}_{language}")
        try:
            refuse_unknown(actor, RECORD_TYPES[type_key], text)
        except Invalid as problem:
            raise Invalid(problem.message, **problem.params, key=f"{part}_{language}") from problem
        if text:
            found[language] = text
    return found


def retire(actor: Actor, template: MailTemplate) -> None:
    """Nothing new is made of it. What was posted with it is still sent."""
    if template.retired_at is not None:
        raise RuleBroken(N_("This template was retired already. Nothing was changed."))
    template.retired_at = clock.now()
    record(actor, template, MailTemplateRetired(template.name))


def post_from(  # noqa: PLR0913 - all that a mail of a template is made of
    actor: Actor,
    template: MailTemplate | str,
    type_key: str,
    record_id: int,
    to: To,
    *,
    key: str,
    language: str = "",
    at: dt.datetime | None = None,
) -> int | None:
    """Post a mail about a record, in the transaction under way; None where this key was posted before.

    One of ours gets what they may see when it is sent, in their language; nothing, where they may not see the record.
    Somebody else gets what `actor` may see then. `template` is a row or the key of a delivered one.
    """
    row = delivered(template) if isinstance(template, str) else template
    if row.channel != MAIL or row.record_type != type_key:
        raise Invalid(N_("The template “%(title)s” is for something else."), title=row.name)
    if row.retired_at is not None:
        raise RuleBroken(N_("The template “%(title)s” was retired: choose another one."), title=row.name)
    return post(actor, to, OfTemplate(row.id, type_key, record_id, language), key=key, at=at)
