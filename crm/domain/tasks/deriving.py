"""What follows from a task's values: when it is due and is to be told, its place in the list, its customer."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from crm.domain.records.anything import parted
from crm.domain.tasks.choices import DONE, OPEN
from crm.domain.tasks.models import Task
from crm.domain.timeline.models import Followed
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor, unscoped
from crm.kernel.company import company

DERIVED = ("customer_id", "remind_at", "waits_on", "done_at")
MORNING = dt.time(9)  # of a day without a time
_SOMETIME = dt.date.max  # open without a day: after all days, before what is not open


# Beyond them not every zone has a moment that UTC has, too.
_FIRST, _LAST = dt.date.min + dt.timedelta(days=8), dt.date.max - dt.timedelta(days=8)


def due_at(day: dt.date, time: dt.time | None) -> dt.datetime:
    day = min(max(day, _FIRST), _LAST)
    return dt.datetime.combine(day, time or MORNING, ZoneInfo(company.timezone)).astimezone(dt.UTC)


def derive(actor: Actor, columns: dict[str, Any], task: Any) -> None:
    """As `complete` of Verbs: into the columns that are written go those that follow from them."""

    def now(key: str) -> Any:
        return columns[key] if key in columns else getattr(task, key)

    whole = task is None
    if whole or "status" in columns:
        columns["done_at"] = clock.now() if now("status") == DONE else None
    if whole or not columns.keys().isdisjoint(("status", "due_on")):
        columns["waits_on"] = (now("due_on") or _SOMETIME) if now("status") == OPEN else None
    if whole or not columns.keys().isdisjoint(("due_on", "due_time", "remind")):
        columns["remind_at"] = _remind_at(now("due_on"), now("due_time"), now("remind"))
    if whole or "about" in columns:
        columns["customer_id"] = _customer(now("about"))


def _remind_at(day: dt.date | None, time: dt.time | None, minutes: str | None) -> dt.datetime | None:
    return due_at(day, time) - dt.timedelta(minutes=int(minutes)) if day and minutes is not None else None


def _customer(about: str | None) -> int | None:
    """Where it is about a customer itself. A new task is on its way into the table here, so nothing can be asked."""
    if about is None:
        return None
    type_, id_ = parted(about)
    return id_ if Followed.known[type_].gathers else None


def find_customers(written: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
    """As part of `then` of Verbs: of tasks about what belongs to a customer, whose that is now."""
    types: dict[str, list[int]] = {}
    for id_, values in written:
        if values.get("about"):
            types.setdefault(parted(values["about"])[0], []).append(id_)
    for type_, ids in types.items():
        entity = Followed.known[type_]
        if not entity.gathers and hasattr(entity, "customer_id"):
            db.session.flush()
            whose = select(entity.customer_id).where(entity.id == Task.subject_id).scalar_subquery()
            with unscoped("whose customer a record is, is kept here and not shown"):
                statement = update(Task).where(Task.id.in_(ids)).values(customer_id=whose)
                db.session.execute(statement.execution_options(synchronize_session="fetch"))
