"""Word that something changed, passed between processes by Redis: at best in time, at worst not at all.

Whoever listens also looks by itself now and then, so a lost word costs a moment and nothing else.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from redis.exceptions import RedisError
from sqlalchemy import event
from sqlalchemy.orm import Session

from crm.config import Settings
from crm.infra.db import db
from crm.infra.redis import connect

_SILENCE = 5.0  # seconds without a further attempt after a failed one


class Herald:
    """Tells news; never waits long for a Redis that is away, never fails."""

    def __init__(self, settings: Settings) -> None:
        self._redis = connect(settings, seconds=1, retries=0) if settings.redis_url else None
        self._silent_until = 0.0

    def tell(self, topic: str) -> None:
        if self._redis is None or time.monotonic() < self._silent_until:
            return
        try:
            self._redis.publish(topic, "")
        except RedisError:
            self._silent_until = time.monotonic() + _SILENCE


def init(settings: Settings) -> None:
    _herald[:] = [Herald(settings)]


def announce(topic: str) -> None:
    """Tell it once the transaction under way is kept; of one that is not there is nothing to tell."""
    db.session.info.setdefault("news", set()).add(topic)


_herald: list[Herald] = []


@event.listens_for(Session, "after_commit")
def _tell(session: Session) -> None:
    if session.in_nested_transaction():
        return
    for topic in sorted(session.info.pop("news", ())):
        if _herald:
            _herald[0].tell(topic)


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, previous: object) -> None:
    if not session.in_nested_transaction():
        session.info.pop("news", None)


class Listener:
    """Waits for news of one topic; without a Redis it only waits."""

    def __init__(self, subscription: Any) -> None:
        self._subscription = subscription

    def wait(self, seconds: float) -> None:
        """Until there is news, at most so long."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            try:
                if self._subscription is None:
                    time.sleep(left)
                elif self._subscription.get_message(ignore_subscribe_messages=True, timeout=left):
                    while self._subscription.get_message():  # what has piled up is one piece of news
                        pass
                    return
            except RedisError:
                self._subscription = None


@contextmanager
def listening(settings: Settings, topic: str) -> Iterator[Listener]:
    """Subscribed to the topic for as long as the context lasts."""
    redis = connect(settings, seconds=5, retries=0) if settings.redis_url else None
    subscription = redis.pubsub() if redis else None
    try:
        with suppress(RedisError):
            if subscription:
                subscription.subscribe(topic)
        yield Listener(subscription)
    finally:
        with suppress(RedisError):
            if subscription:
                subscription.close()
        if redis:
            redis.close()
