"""Tasks: what is to be done by when, and about which record."""

import datetime as dt

from sqlalchemy import Computed, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.customers.models import Customer
from crm.domain.people.models import Person
from crm.domain.records.models import Kept, kept_indexes
from crm.domain.records.numbers import Numbers, sequence
from crm.infra.db import Model
from crm.kernel.permissions import Action, permission

NUMBERS = Numbers("tasks", "TASK", sequence("tasks"))
_THERE = "deleted_at IS NULL"
_OPEN = "status = 'open' AND deleted_at IS NULL"


class Task(Kept, Model):
    """Its owner is who is to do it. `about` names any record as “contacts:12”."""

    __tablename__ = "tasks"
    read_permission = permission("tasks", Action.READ)
    __table_args__ = (
        *kept_indexes("tasks"),
        Index("ix_tasks_name_key", "name_key"),  # exact duplicates
        Index("ix_tasks_customer_id", "customer_id", postgresql_where=text("customer_id IS NOT NULL")),
        # The list as it begins: of everybody, of one or of a department, what waits first.
        Index("ix_tasks_waits", "waits_on", "id", postgresql_where=text(_THERE)),
        Index("ix_tasks_owner_waits", "owner_id", "waits_on", "id", postgresql_where=text(_THERE)),
        Index("ix_tasks_department_waits", "department_id", "waits_on", "id", postgresql_where=text(_THERE)),
        # The days of a calendar, done or not.
        Index("ix_tasks_due", "due_on", "id", postgresql_where=text(_THERE)),
        Index("ix_tasks_owner_due", "owner_id", "due_on", "id", postgresql_where=text(_THERE)),
        Index("ix_tasks_department_due", "department_id", "due_on", "id", postgresql_where=text(_THERE)),
        # What is still to be done, on the page of what it is about.
        Index("ix_tasks_subject", "subject_type", "subject_id", "waits_on", postgresql_where=text(_OPEN)),
        Index("ix_tasks_customer_open", "customer_id", "waits_on", postgresql_where=text(_OPEN)),
        Index("ix_tasks_remind", "remind_at", postgresql_where=text(f"remind_at IS NOT NULL AND {_OPEN}")),
    )

    due_on: Mapped[dt.date | None]
    due_time: Mapped[dt.time | None]  # of that day, where the company is
    status: Mapped[str]
    priority: Mapped[str]
    kind: Mapped[str]
    about: Mapped[str | None]
    subject_type: Mapped[str | None] = mapped_column(Computed("split_part(about, ':', 1)", persisted=True))
    subject_id: Mapped[int | None] = mapped_column(Computed("split_part(about, ':', 2)::bigint", persisted=True))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey(Customer.id, ondelete="SET NULL"))
    remind: Mapped[str | None]  # minutes before it is due
    remind_at: Mapped[dt.datetime | None]  # derived; emptied when the reminder is given
    waits_on: Mapped[dt.date | None]  # derived: its place among what is open; empty when it is not
    done_at: Mapped[dt.datetime | None]  # derived
    remarks: Mapped[str | None]
    name_key: Mapped[str]  # derived from the name in every write


class CalendarFeed(Model):
    """The secret address of one person's calendar; only its hash is kept."""

    __tablename__ = "calendar_feeds"

    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[dt.datetime]
