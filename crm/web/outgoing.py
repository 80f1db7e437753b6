"""From a row of the outbox to a mail, at the moment it is sent: to whoever it is for, of what may be told then."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import current_app

from crm.config import Settings
from crm.domain.access.made import OfRefusal
from crm.domain.account_mail.made import OfAccount
from crm.domain.mail.made import Made, OfNotifications, OfTemplate, Ready, made_of
from crm.domain.mail.models import MailRow
from crm.domain.mail_templates.queries import template
from crm.domain.notifications.preferences import wishes_of
from crm.domain.people.models import Person
from crm.domain.people.queries import by_id
from crm.domain.reports.mailings import OfReport
from crm.domain.satisfaction.asking import OfSurvey
from crm.infra import clock
from crm.infra.mail import Attachment, Mail
from crm.kernel.access import Actor
from crm.web.access_letter import refusal_letter
from crm.web.account_letter import account_letter
from crm.web.letters import Letter, address_of, compose
from crm.web.notification_mail import PREFERENCES, notification_letter
from crm.web.report_letter import report_letter
from crm.web.survey_letter import survey_letter

GONE = "The account is closed."
UNSEEN = "There is nothing in it that may be told now."


@dataclass(frozen=True)
class Withheld:
    """Not sent, now or ever."""

    why: str


@dataclass(frozen=True)
class Later:
    until: dt.datetime


@dataclass(frozen=True)
class Reader:
    """`person` is one of ours; somebody else reads with the eyes of whoever writes to them."""

    eyes: Actor
    language: str
    person: Person | None = None


@dataclass(frozen=True)
class Told:
    letter: Letter | Ready
    headers: Mapping[str, str] = field(default_factory=dict)
    automatic: bool = True
    attachments: Sequence[Attachment] = ()


def outgoing(row: MailRow) -> Mail | Withheld | Later:
    made, reader = made_of(row.made_of), _reader(row)
    if isinstance(made, Ready) and row.person_id is None:  # the words are there, whoever wrote them may have left
        return Mail(row.address or "", made.subject, made.text, made.html, automatic=made.automatic)
    if reader is None:
        return Withheld(GONE)
    told = WAYS[type(made)](reader, made)
    if not isinstance(told, Told):
        return told
    letter = told.letter
    return Mail(
        _mailbox(row, reader), letter.subject, letter.text, letter.html, told.headers, told.automatic, told.attachments
    )


def _reader(row: MailRow) -> Reader | None:
    """None where nobody is there whose rights could count."""
    settings: Settings = current_app.config["SETTINGS"]
    person = by_id(row.person_id or row.by_id or 0)
    if person is None or not person.active:
        return None
    ours = person if row.person_id else None
    return Reader(person.actor, (ours and ours.language) or settings.language, ours)


def _mailbox(row: MailRow, reader: Reader) -> str:
    if reader.person is None:
        return row.address or ""
    name = "".join(char for char in reader.person.name if char not in '<>@"' and char.isprintable())
    return f"{name} <{reader.person.email}>"


def _ready(reader: Reader, made: Ready) -> Told:
    return Told(made, automatic=made.automatic)


def _of_template(reader: Reader, made: OfTemplate) -> Told | Withheld:
    row, receiver = template(made.template_id), reader.person.name if reader.person else ""
    language = made.language or reader.language
    letter = row and compose(row, made.record_type, made.record_id, reader.eyes, language, receiver)
    return Told(letter) if letter else Withheld(UNSEEN)


def _of_notifications(reader: Reader, made: OfNotifications) -> Told | Withheld | Later:
    """In quiet hours they wait; what was read in the page meanwhile, or may not be seen any more, is not told."""
    if reader.person is None:
        return Withheld(GONE)
    wishes = wishes_of([reader.person.id])[reader.person.id]
    if (until := wishes.quiet_until(clock.now())) is not None:
        return Later(until)
    letter = notification_letter(reader.eyes, reader.language, wishes, made.ids, digest=made.digest)
    preferences = address_of(current_app.config["SETTINGS"], PREFERENCES)
    return Told(letter, {"List-Unsubscribe": f"<{preferences}>"}) if letter else Withheld(UNSEEN)


def _of_survey(reader: Reader, made: OfSurvey) -> Told | Withheld:
    letter = survey_letter(reader.eyes, reader.language, made)
    return Told(letter) if letter else Withheld(UNSEEN)


def _of_account(reader: Reader, made: OfAccount) -> Told | Withheld:
    letter = account_letter(reader.eyes, reader.language, made)
    return Told(letter) if letter else Withheld(UNSEEN)


def _of_refusal(reader: Reader, made: OfRefusal) -> Told | Withheld:
    letter = refusal_letter(reader.eyes, made)
    return Told(letter) if letter else Withheld(UNSEEN)


def _of_report(reader: Reader, made: OfReport) -> Told | Withheld:
    found = report_letter(reader.eyes, reader.language, made)
    return Told(found[0], attachments=found[1]) if found else Withheld(UNSEEN)


WAYS: dict[type[Made], Callable[[Reader, Any], Told | Withheld | Later]] = {
    Ready: _ready,
    OfTemplate: _of_template,
    OfNotifications: _of_notifications,
    OfSurvey: _of_survey,
    OfAccount: _of_account,
    OfRefusal: _of_refusal,
    OfReport: _of_report,
}
