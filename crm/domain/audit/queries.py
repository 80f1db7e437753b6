"""The audit log: every event, narrowed and paged by when it happened, newest first."""

import base64
import binascii
import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, select, tuple_

from crm.domain.people.queries import PEOPLE
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.company import company
from crm.kernel.errors import Invalid
from crm.kernel.events import Event
from crm.kernel.text import N_, clean

PAGE = 50
SYSTEM = "system"  # what the program did by itself has no actor
# Not “reason”: the form that takes the log away may give one of its own.
FILTERS = ("who", "kind", "type", "record", "from", "until", "address", "request", "why")
_BATCH = 1_000


@dataclass(frozen=True)
class LogPage:
    events: Sequence[Event]
    after: str  # cursor of the next page, or nothing


def page(actor: Actor, asked: Mapping[str, str], after: str = "") -> LogPage:
    """`asked` by the keys of FILTERS; raises Invalid with a sentence when a filter makes no sense."""
    found = list(db.session.scalars(_from(narrowed(actor, asked), after).limit(PAGE + 1)))
    events = found[:PAGE]
    return LogPage(events, _cursor(events[-1]) if len(found) > PAGE else "")


def batches(actor: Actor, asked: Mapping[str, str]) -> Iterator[Sequence[Event]]:
    """All that is asked for, some at a time."""
    statement, after = narrowed(actor, asked), ""
    while events := list(db.session.scalars(_from(statement, after).limit(_BATCH))):
        after = _cursor(events[-1])
        yield events
        for each in events:
            db.session.expunge(each)


def count(actor: Actor, asked: Mapping[str, str], most: int) -> int:
    """How many lines there are, counted up to one more than `most`."""
    some = narrowed(actor, asked).with_only_columns(Event.id).limit(most + 1)
    return db.session.scalar(select(func.count()).select_from(some.subquery())) or 0


def narrowed(actor: Actor, asked: Mapping[str, str]) -> Select[Any]:
    statement = select(Event)
    plain = {"kind": Event.name, "type": Event.subject_type, "address": Event.address, "request": Event.request_id}
    for key, column in plain.items():
        if value := asked.get(key):
            statement = statement.where(column == value)
    if reason := asked.get("why"):
        statement = statement.where(Event.reason.icontains(clean(reason), autoescape=True))
    if who := asked.get("who"):
        statement = statement.where(_by(actor, who))
    if record := asked.get("record"):
        statement = _about(actor, statement, record)
    if since := asked.get("from"):
        statement = statement.where(Event.occurred_at >= _midnight(since))
    if until := asked.get("until"):
        statement = statement.where(Event.occurred_at < _midnight(until, days=1))
    return statement


def _by(actor: Actor, who: str) -> ColumnElement[bool]:
    if who == SYSTEM:
        return Event.actor_id.is_(None)
    found = PEOPLE.resolve(actor, [who])[who]
    if isinstance(found, Invalid):
        raise found
    by: ColumnElement[bool] = Event.actor_id == found
    return by


def _about(actor: Actor, statement: Select[Any], record: str) -> Select[Any]:
    """`record` is a number, which only finds what the actor may see, or an id of any type."""
    if record.isdecimal():
        return statement.where(Event.subject_id == int(record))
    wanted = clean(record).upper()
    found = []
    for type_ in RECORD_TYPES.values():
        entity = type_.entity
        for seen in (entity.visible_to(actor), entity.binned_for(actor), entity.merged_for(actor)):
            ids = db.session.scalars(seen.with_only_columns(entity.id).where(entity.number == wanted))
            found += [(type_.key, id_) for id_ in ids]
    if not found:
        raise Invalid(N_("There is no record with the number “%(value)s” that you may see."), value=record[:40])
    return statement.where(tuple_(Event.subject_type, Event.subject_id).in_(found))


def _midnight(text: str, days: int = 0) -> dt.datetime:
    """When the day begins in the company's zone."""
    try:
        day = dt.date.fromisoformat(text) + dt.timedelta(days=days)
    except (ValueError, OverflowError) as error:
        raise Invalid(N_("“%(value)s” is not a date such as 2026-11-21."), value=text[:60]) from error
    return dt.datetime.combine(day, dt.time(), ZoneInfo(company.timezone))


def _from(statement: Select[Any], after: str) -> Select[Any]:
    if after:
        at, id_ = _decode(after)
        statement = statement.where(tuple_(Event.occurred_at, Event.id) < (at, id_))
        statement = statement.where(Event.occurred_at <= at)  # says the same, and leaves out the later months' tables
    return statement.order_by(Event.occurred_at.desc(), Event.id.desc())


def _cursor(event: Event) -> str:
    return base64.urlsafe_b64encode(json.dumps([event.occurred_at.isoformat(), event.id]).encode()).decode()


def _decode(cursor: str) -> tuple[dt.datetime, int]:
    try:
        at, id_ = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        return dt.datetime.fromisoformat(at), int(id_)
    except (ValueError, TypeError, binascii.Error) as error:
        raise Invalid(N_("This page of the list is not there any more: start from the first.")) from error
