"""The secret address of somebody's calendar: made anew, taken back, asked for."""

import hashlib
import secrets

from sqlalchemy import delete, select

from crm.domain.people.models import Person
from crm.domain.tasks.events import CalendarRevoked, CalendarShared
from crm.domain.tasks.models import CalendarFeed
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.events import record


def feed_of(person: Person) -> CalendarFeed | None:
    return db.session.get(CalendarFeed, person.id)


def make_feed(actor: Actor, person: Person) -> str:
    """The token, told once and kept nowhere; the one before is worth nothing from now on."""
    _forget(person)
    token = secrets.token_urlsafe(32)
    db.session.add(CalendarFeed(person_id=person.id, token_hash=_hash(token), created_at=clock.now()))
    record(actor, person, CalendarShared())
    return token


def revoke_feed(actor: Actor, person: Person) -> None:
    if _forget(person):
        record(actor, person, CalendarRevoked())


def whose(token: str) -> Person | None:
    """Of an account that is open. The work is the same whatever was sent: one hash and one question by it; and what
    is compared is the hash, so that no time tells how much of a token is right."""
    asked = select(Person).join(CalendarFeed, CalendarFeed.person_id == Person.id)
    return db.session.scalars(asked.where(CalendarFeed.token_hash == _hash(token), Person.active)).first()


def _forget(person: Person) -> bool:
    gone = db.session.execute(delete(CalendarFeed).where(CalendarFeed.person_id == person.id))
    return bool(gone.rowcount)  # type: ignore[attr-defined]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
