"""Tasks and birthdays by day, for the pages of the calendar and for its feed."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, extract, false, or_

from crm.domain.contacts.fields import CONTACT_FIELDS
from crm.domain.contacts.models import Contact
from crm.domain.tasks.choices import CANCELLED
from crm.domain.tasks.models import Task
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.shaping import fields_for

_BIRTHDAY = tuple(each for each in CONTACT_FIELDS if each.key == "birthday")
MOST = 600  # in one view; what is more is told
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Birthday:
    contact_id: int
    name: str
    on: dt.date


@dataclass(frozen=True)
class Days:
    tasks: Sequence[Task]  # by day and time
    birthdays: Sequence[Birthday]
    more: bool  # than are shown


def days(actor: Actor, first: dt.date, last: dt.date, *, team: bool = False) -> Days:
    """What the actor sees of these days: their own, or with `team` also what their branch has."""
    statement = Task.visible_to(actor).where(Task.due_on.between(first, last), Task.status != CANCELLED)
    if not team:
        statement = statement.where(Task.owner_id == actor.id)  # ix_tasks_owner_due
    elif actor.branch:
        statement = statement.where(Task.department_id.in_(sorted(actor.branch)))  # ix_tasks_department_due
    ordered = statement.order_by(Task.due_on, Task.due_time.asc().nulls_first(), Task.id)
    tasks = db.session.scalars(ordered.limit(MOST + 1)).all()
    return Days(tasks[:MOST], birthdays(actor, first, last), len(tasks) > MOST)


def birthdays(actor: Actor, first: dt.date, last: dt.date) -> list[Birthday]:
    """Of the actor's own contacts. Whoever may not read the field is not told of the day."""
    if not any(each.key == "birthday" and not each.masked for each in fields_for(actor, "contacts", _BIRTHDAY)):
        return []
    statement = Contact.visible_to(actor).where(Contact.owner_id == actor.id, born_between(first, last))
    found = db.session.scalars(statement.order_by(Contact.id).limit(MOST)).all()
    return sorted(
        (Birthday(each.id, each.name, on) for each in found for on in _between(each.birthday, first, last)),
        key=lambda each: (each.on, each.contact_id),
    )


def born_between(first: dt.date, last: dt.date) -> ColumnElement[bool]:
    """Whose birthday is on one of these days; a range of ix_contacts_birthday for each month."""
    month, day = extract("month", Contact.birthday), extract("day", Contact.birthday)
    ranges: dict[int, list[int]] = {}
    for at in range((last - first).days + 1):
        on = first + at * _DAY
        ranges.setdefault(on.month, []).append(on.day)
        if (on.month, on.day) == (2, 28) and (on + _DAY).day == 1:
            ranges[2].append(29)
    each_month = [and_(month == key, day.between(min(own), max(own))) for key, own in ranges.items()]
    return and_(Contact.birthday.is_not(None), or_(false(), *each_month))


def _between(born: dt.date | None, first: dt.date, last: dt.date) -> list[dt.date]:
    """The birthdays in a stretch of days; on the 28th of February where there is no 29th."""
    found = []
    for year in range(first.year, last.year + 1):
        if born is not None:
            leap = (born.month, born.day) == (2, 29) and not _is_leap(year)
            on = dt.date(year, 2, 28) if leap else dt.date(year, born.month, born.day)
            found += [on] if first <= on <= last and on > born else []
    return found


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
