"""Reminders whose moment has come, and birthdays of tomorrow: a worker's turns, one transaction each."""

import datetime as dt

from sqlalchemy import select, update

from crm.domain.contacts.models import Contact
from crm.domain.notifications.actions import Kind, News, notify
from crm.domain.people.models import Person
from crm.domain.tasks.calendar import born_between
from crm.domain.tasks.choices import OPEN
from crm.domain.tasks.models import Task
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import unscoped
from crm.kernel.company import company

BATCH = 500


def remind_some() -> int:
    """Tell owners of what is due, each reminder once; returns how many. By ix_tasks_remind.

    The moment is taken away with the telling, so nothing of the record changes that anybody sees; another due date
    brings another moment.
    """
    due = select(Task.id, Task.owner_id, Task.remind_at).where(Task.remind_at <= clock.now(), Task.status == OPEN)
    due = due.where(Task.deleted_at.is_(None)).order_by(Task.remind_at).limit(BATCH).with_for_update(skip_locked=True)
    with unscoped("reminders of everybody"):
        rows = db.session.execute(due).all()
        given = update(Task).where(Task.id.in_([row.id for row in rows])).values(remind_at=None)
        db.session.execute(given.execution_options(synchronize_session=False))
    notify(
        Kind.DUE,
        [
            News(row.owner_id, "tasks", row.id, f"{row.id}:{row.remind_at.timestamp():.0f}")
            for row in rows
            if row.owner_id is not None
        ],
    )
    return len(rows)


def tell_birthdays(after: int = 0) -> int | None:
    """Tell the owners of some contacts of a birthday tomorrow, once; returns the id to go on after. By
    ix_contacts_birthday.
    """
    tomorrow = company.today() + dt.timedelta(days=1)
    theirs = select(Contact.id, Contact.owner_id).join(Person, Person.id == Contact.owner_id)
    theirs = theirs.where(Person.active, Contact.deleted_at.is_(None), born_between(tomorrow, tomorrow))
    theirs = theirs.where(Contact.id > after).order_by(Contact.id).limit(BATCH)
    with unscoped("birthdays of everybody's contacts"):
        rows = db.session.execute(theirs).all()
    notify(Kind.BIRTHDAY, [News(row.owner_id, "contacts", row.id, f"{row.id}:{tomorrow}") for row in rows])
    return rows[-1].id if rows else None
