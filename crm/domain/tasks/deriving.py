"""What follows from a task's values: when it is due and is to be told, its place in the list, its customer."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from crm.domain.records.anything import parted
from crm.domain.tasks.choices import DONE, OPEN
from crm.domain.timeline.models import Followed
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor, unscoped
from crm.kernel.company import company

DERIVED = ("customer_id", "remind_at", "waits_on", "done_at")
MORNING = dt.time(9)  # of a day without a time
_SOMETIME = dt.date.max  # open without a day: after all days, before what is not open


def due_at(day: dt.date, time: dt.time | None) -> dt.datetime:
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
    """The customer of what it is about, as it is now; that the actor sees the record, its field has made sure."""
    if about is None:
        return None
    type_, id_ = parted(about)
    entity = Followed.known[type_]
    if entity.gathers:
        return id_
    if not hasattr(entity, "customer_id"):
        return None
    with unscoped("which customer a record belongs to is kept here, not shown"):
        return db.session.scalar(select(entity.customer_id).where(entity.id == id_))
