"""Telling people, and their having read it. In the transaction of whatever it is about."""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from crm.domain.mail.actions import Post, To, post_many
from crm.domain.mail.made import OfNotifications
from crm.domain.notifications.kinds import Kind
from crm.domain.notifications.models import ONCE, Notification
from crm.domain.notifications.preferences import wishes_of
from crm.infra import clock
from crm.infra.db import db
from crm.infra.news import announce
from crm.kernel.access import NOBODY, Actor

MOST_IN_ONE = 200  # in one mail

__all__ = ["Kind", "News", "mark_read", "notify", "topic_of"]


@dataclass(frozen=True)
class News:
    """For one person, about one record. Of one `key` a person is told once; without one each is news.

    Of one event, where it is named, they are told once whatever the kind. `template_id` is of a message's words.
    """

    person_id: int
    subject_type: str
    subject_id: int
    key: str = ""
    event_id: int | None = None
    template_id: int | None = None
    rule_id: int | None = None  # the rule of automation that says so


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
    """Whether somebody may see what it is about is asked when they read it, in the page or as a mail."""
    if (held := _gathered.get()) is not None:
        held.extend(news)
        return
    wishes, now = wishes_of({each.person_id for each in news}), clock.now()
    common = {"kind": kind.value, "by_id": by.id if by else None, "occurred_at": at or now, "created_at": now}
    rows = [
        common
        | {
            "person_id": each.person_id,
            "subject_type": each.subject_type,
            "subject_id": each.subject_id,
            "key": _key(kind, each, now),
            "in_page": wishes[each.person_id].of(kind).in_page,
            "by_mail": wishes[each.person_id].of(kind).by_mail,
            "template_id": each.template_id,
            "rule_id": each.rule_id,
        }
        for each in sorted(news, key=lambda one: one.person_id)  # always in one order, so that none wait for each other
    ]
    if rows:
        new = insert(Notification).on_conflict_do_nothing()
        told = new.returning(Notification.id, Notification.person_id, Notification.by_mail)
        _tell(db.session.execute(told, rows).all(), by or NOBODY)


def _key(kind: Kind, news: News, now: dt.datetime) -> str:
    if news.event_id is not None:
        return f"event:{news.event_id}"
    return f"{kind}:{news.key or f'{news.subject_type}:{news.subject_id}:{now.timestamp()}'}"


def _tell(new: Sequence[Any], by: Actor) -> None:
    """By mail, of many things at once in one, and whoever has a page open."""
    at_once: dict[int, list[int]] = {}
    for row in new:
        announce(topic_of(row.person_id))
        if row.by_mail == ONCE:
            at_once.setdefault(row.person_id, []).append(row.id)
    post_many(by, [each for person_id, ids in at_once.items() for each in _posts(person_id, ids)])


def _posts(person_id: int, ids: Sequence[int]) -> Iterator[Post]:
    for begin in range(0, len(ids), MOST_IN_ONE):
        some = list(ids[begin : begin + MOST_IN_ONE])
        yield Post(To(person_id), OfNotifications(some, digest=len(some) > 1), f"notification:{some[0]}")


def topic_of(person_id: int) -> str:
    """Where it is told that the number of what somebody has not read may be another one."""
    return f"told:{person_id}"


def mark_read(actor: Actor, notification_id: int | None = None) -> None:
    """One of the actor's own, or all; on all their devices, and no mail follows."""
    mine = [Notification.person_id == actor.id, Notification.read_at.is_(None)]
    if notification_id is not None:
        mine.append(Notification.id == notification_id)
    db.session.execute(update(Notification).where(*mine).values(read_at=clock.now()))
    announce(topic_of(actor.id or 0))
