"""Telling people, and their having read it. In the transaction of whatever it is about."""

import datetime as dt
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from crm.domain.notifications.models import Notification
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor


class Kind(StrEnum):
    MENTIONED = "mentioned"
    ASSIGNED = "assigned"
    DUE = "due"
    BIRTHDAY = "birthday"
    POOL_NEAR = "pool_near"  # it goes back into the pool soon
    POOLED = "pooled"  # it has gone back
    ACCESS_ASKED = "access_asked"
    ACCESS_GRANTED = "access_granted"
    EXPORTED = "exported"
    NOT_EXPORTED = "not_exported"
    AUTOMATED = "automated"  # a rule of automation says so
    AUTOMATED_DIGEST = "automated_digest"  # what came of an import, or of a change of many


@dataclass(frozen=True)
class News:
    """For one person, about one record. Of one `key` a person is told once; without one each is news."""

    person_id: int
    subject_type: str
    subject_id: int
    key: str = ""


_gathered: ContextVar[list[News] | None] = ContextVar("gathered", default=None)


@contextmanager
def gathering() -> Iterator[list[News]]:
    """Nobody is told anything in the block: what they would be told is in the list, for one message at the end."""
    held: list[News] = []
    token = _gathered.set(held)
    try:
        yield held
    finally:
        _gathered.reset(token)


def gathered() -> list[News] | None:
    """The list of the block, for whoever tells by other ways; None outside of one."""
    return _gathered.get()


def notify(kind: Kind, news: Collection[News], *, by: Actor | None = None, at: dt.datetime | None = None) -> None:
    """Whether somebody may see what it is about is asked when they read it."""
    if (held := _gathered.get()) is not None:
        held.extend(news)
        return
    now = clock.now()
    common = {"kind": kind.value, "by_id": by.id if by else None, "occurred_at": at or now, "created_at": now}
    rows = [
        common
        | {
            "person_id": each.person_id,
            "subject_type": each.subject_type,
            "subject_id": each.subject_id,
            "key": f"{kind}:{each.key or f'{each.subject_type}:{each.subject_id}:{now.timestamp()}'}",
        }
        for each in sorted(news, key=lambda one: one.person_id)  # always in one order, so that none wait for each other
    ]
    if rows:
        db.session.execute(insert(Notification).on_conflict_do_nothing(), rows)


def mark_read(actor: Actor, notification_id: int | None = None) -> None:
    """One of the actor's own, or all."""
    mine = [Notification.person_id == actor.id, Notification.read_at.is_(None)]
    if notification_id is not None:
        mine.append(Notification.id == notification_id)
    db.session.execute(update(Notification).where(*mine).values(read_at=clock.now()))
