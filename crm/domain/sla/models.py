"""What a company promises its customers about tickets, and the hours that count for it."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Identity, Index, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.people.models import Department
from crm.infra.db import Model


class BusinessCalendar(Model):
    """`week` has the hours of Monday to Sunday, each [[from, to), …] in minutes of the day."""

    __tablename__ = "business_calendars"

    id: Mapped[int] = mapped_column(primary_key=True)
    # Counted up by every change: of the week, of single days and of where it counts.
    version: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    name: Mapped[str]  # as typed; of a delivered one the gettext id
    zone: Mapped[str]  # empty: the company's
    week: Mapped[list[list[list[int]]]] = mapped_column(JSONB)
    retired_at: Mapped[dt.datetime | None]


class CalendarDay(Model):
    """A date that is not like its weekday: with hours of its own, like another weekday (0 is Monday), or closed."""

    __tablename__ = "calendar_days"

    calendar_id: Mapped[int] = mapped_column(
        ForeignKey(BusinessCalendar.id, ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    name: Mapped[str]  # as typed; of a delivered one the gettext id
    like: Mapped[int | None]
    hours: Mapped[list[list[int]]] = mapped_column(JSONB, default=list, server_default=text("'[]'"))


class CalendarUse(Model):
    """Which calendar counts for a department and all below it that have none; without a department: everywhere."""

    __tablename__ = "calendar_uses"
    __table_args__ = (Index("uq_calendar_uses_department", text("coalesce(department_id, 0)"), unique=True),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey(Department.id))
    calendar_id: Mapped[int] = mapped_column(ForeignKey(BusinessCalendar.id))


class SlaPolicy(Model):
    """The first of them, in the order of `position`, that fits a ticket is what it is promised.

    `types`, `priorities` and `levels` of the customer: none means any. `steps` are Steps of promises.py, packed.
    """

    __tablename__ = "sla_policies"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # counted up by every change
    name: Mapped[str]  # as typed; of a delivered one the gettext id
    position: Mapped[int]
    types: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default=text("'{}'"))
    priorities: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default=text("'{}'"))
    levels: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default=text("'{}'"))
    respond_minutes: Mapped[int | None]
    solve_minutes: Mapped[int | None]
    in_hours: Mapped[bool] = mapped_column(default=True, server_default=text("true"))  # else round the clock
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list, server_default=text("'[]'"))
    since: Mapped[dt.datetime] = mapped_column(server_default=func.now())  # as it is now
    active: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    retired_at: Mapped[dt.datetime | None]


class SlaRun(Model):
    """All tickets that are not done reckoned anew after a rule changed; a worker does it by id, batch by batch."""

    __tablename__ = "sla_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    asked_by_id: Mapped[int | None]
    asked_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    total: Mapped[int | None]
    done: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    after_id: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    finished_at: Mapped[dt.datetime | None]
