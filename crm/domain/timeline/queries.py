"""One page of a record's timeline: follow-ups and changes, newest first.

Two keyset-limited branches, one per table, merged here: each is a plain range of one index.
"""

import base64
import binascii
import datetime as dt
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, or_, select, tuple_

from crm.domain.timeline.models import Followed, FollowUp
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid
from crm.kernel.events import Event
from crm.kernel.text import N_

PAGE = 20
_TOLD_ELSEWHERE = ("follow_up.added",)  # the follow-up itself stands on the timeline


@dataclass(frozen=True)
class Entry:
    at: dt.datetime
    follow_up: FollowUp | None = None
    event: Event | None = None

    @property
    def place(self) -> tuple[dt.datetime, int, int]:
        source = self.follow_up or self.event
        assert source is not None
        return (self.at, 1 if self.follow_up else 0, source.id)


@dataclass(frozen=True)
class Timeline:
    entries: list[Entry]
    after: str

    def people(self) -> set[int | None]:
        authors = {entry.follow_up.author_id for entry in self.entries if entry.follow_up}
        told = {each for entry in self.entries if entry.follow_up for each in entry.follow_up.told or ()}
        return authors | told | {entry.event.actor_id for entry in self.entries if entry.event}


# Every page of a record asks them: made once, they need not be built each time.
_FOLLOW_UPS = (
    select(FollowUp)
    .where(
        FollowUp.subject_type == bindparam("type"),
        FollowUp.subject_id == bindparam("id"),
        FollowUp.deleted_at.is_(None),
    )
    .order_by(FollowUp.happened_at.desc(), FollowUp.id.desc())
    .limit(bindparam("most"))
)
_GATHERED = (
    select(FollowUp)
    .where(FollowUp.customer_id == bindparam("id"), FollowUp.deleted_at.is_(None))
    .order_by(FollowUp.happened_at.desc(), FollowUp.id.desc())
    .limit(bindparam("most"))
    .execution_options(scoped=True)
)
_EVENTS = (
    select(Event)
    .where(
        Event.subject_type == bindparam("type"),
        Event.subject_id == bindparam("id"),
        Event.name.not_in(_TOLD_ELSEWHERE),
    )
    .order_by(Event.occurred_at.desc(), Event.id.desc())
    .limit(bindparam("most"))
)


def timeline(actor: Actor, subject: Followed, after: str = "", size: int = PAGE) -> Timeline:
    """`subject` must have been fetched through visible_to: of itself this tells whoever holds it, of other records of
    a customer only what the actor may see.
    """
    place = _decode(after) if after else None
    asked = {"type": subject.__tablename__, "id": subject.id, "most": size + 1}
    follow_ups: Iterable[FollowUp] = ()
    if subject.last_follow_up_at is not None:  # else nothing was ever said of it or of what belongs to it
        said = _GATHERED.where(_told_to(actor, subject)) if subject.gathers else _FOLLOW_UPS
        follow_ups = db.session.scalars(_older(said, FollowUp.happened_at, FollowUp.id, 1, place), asked)
    events = db.session.scalars(_older(_EVENTS, Event.occurred_at, Event.id, 0, place), asked)
    entries = [Entry(each.happened_at, follow_up=each) for each in follow_ups]
    entries += [Entry(each.occurred_at, event=each) for each in events]
    entries.sort(key=lambda entry: entry.place, reverse=True)
    shown = entries[:size]
    return Timeline(shown, _encode(shown[-1]) if len(entries) > size else "")


def follow_up_of(subject: Followed, follow_up_id: int) -> Select[FollowUp]:
    return select(FollowUp).where(
        FollowUp.id == follow_up_id,
        FollowUp.subject_type == subject.__tablename__,
        FollowUp.subject_id == subject.id,
        FollowUp.deleted_at.is_(None),
    )


def subjects_of(ids: Collection[int]) -> dict[int, tuple[str, int]]:
    """Follow-up → (type, id) of what it is on; deleted ones are on nothing."""
    wanted = select(FollowUp.id, FollowUp.subject_type, FollowUp.subject_id).where(FollowUp.id.in_(ids))
    found = db.session.execute(wanted.where(FollowUp.deleted_at.is_(None)))
    return {row.id: (row.subject_type, row.subject_id) for row in found}


def as_values(actor: Actor, ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Follow-up → what it says by field key, as an import of follow-ups has it; of those on records one may see."""
    wanted = select(FollowUp).where(FollowUp.id.in_(ids), FollowUp.deleted_at.is_(None))
    there = db.session.scalars(wanted).all()
    seen: set[tuple[str, int]] = set()
    for type_ in {each.subject_type for each in there}:
        entity = Followed.known[type_]
        on = {each.subject_id for each in there if each.subject_type == type_}
        statement = entity.visible_to(actor).where(entity.id.in_(on)).with_only_columns(entity.id)
        seen |= {(type_, id_) for id_ in db.session.scalars(statement)}
    keys = ("happened_at", "kind", "body", "result", "next_step", "next_on", "present")
    return {
        each.id: {"about": f"{each.subject_type}:{each.subject_id}", "author": each.author_id}
        | {key: getattr(each, key) for key in keys}
        for each in there
        if (each.subject_type, each.subject_id) in seen
    }


def _told_to(actor: Actor, subject: Followed) -> ColumnElement[bool]:
    """What is said of the subject itself, and of those of its records that the actor can see."""
    said = [FollowUp.subject_type == subject.__tablename__]
    for key, entity in Followed.known.items():
        if not entity.gathers and hasattr(entity, "customer_id") and actor.may(entity.read_permission):
            seen = entity.visible_to(actor).where(entity.id == FollowUp.subject_id).with_only_columns(entity.id)
            said.append(and_(FollowUp.subject_type == key, seen.exists()))
    return or_(*said)


def _older(statement: Select[Any], at: Any, id_: Any, rank: int, place: Any) -> Select[Any]:
    """Entries after (at, rank, id) in the merged order, said per table so that its index can answer."""
    if place:
        moment, kind, number = place
        if rank == kind:
            statement = statement.where(tuple_(at, id_) < (moment, number), at <= moment)
        else:
            statement = statement.where(at <= moment if rank < kind else at < moment)
    return statement


def _encode(entry: Entry) -> str:
    at, rank, id_ = entry.place
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), rank, id_]).encode()).decode()


def _decode(cursor: str) -> tuple[dt.datetime, int, int]:
    try:
        at, rank, id_ = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        return dt.datetime.fromisoformat(at), int(rank), int(id_)
    except (ValueError, TypeError, binascii.Error) as error:
        raise Invalid(N_("This page of the timeline is not there any more: start from the newest.")) from error
