"""Where somebody is signed in: each browser a row, whose key only that browser has. What has ended is no row."""

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, select, update

from crm.domain.people.events import SessionsEnded
from crm.domain.people.models import AccountLink, Person, WebSession
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.events import record

NOTED_EVERY = dt.timedelta(minutes=5)
LONGEST_DEVICE = 100


class Limits(NamedTuple):
    idle: dt.timedelta  # without a request
    longest: dt.timedelta  # since signing in


class Sitting(NamedTuple):
    """A session as a request knows it."""

    id: int
    seen_at: dt.datetime


def hashed(key: str) -> str:
    """What is random enough needs no slow hash."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def begin(person: Person, limits: Limits, *, device: str, address: str) -> str:
    """The key of the new session, told once and kept nowhere."""
    key, now = secrets.token_urlsafe(32), clock.now()
    row = {"begun_at": now, "seen_at": now, "expires_at": now + min(limits)}
    db.session.add(
        WebSession(digest=hashed(key), person_id=person.id, device=device[:LONGEST_DEVICE], address=address, **row)
    )
    return key


def note_seen(id_: int, limits: Limits, address: str) -> None:
    """Its end moves on, but never past the longest that it may last."""
    now = clock.now()
    ends = func.least(now + limits.idle, WebSession.begun_at + limits.longest)
    again = update(WebSession).where(WebSession.id == id_).values(seen_at=now, expires_at=ends, address=address)
    db.session.execute(again.execution_options(synchronize_session=False))


def sits(id_: int) -> Person | None:
    """Whose it is, while it lasts: for what goes on without asking anew who is there."""
    alive = select(Person).join(WebSession, WebSession.person_id == Person.id)
    return db.session.scalars(
        alive.where(WebSession.id == id_, WebSession.expires_at > clock.now(), Person.active)
    ).first()


def sessions_of(person: Person) -> Sequence[WebSession]:
    """The one seen last first."""
    alive = WebSession.person_id == person.id, WebSession.expires_at > clock.now()
    return db.session.scalars(select(WebSession).where(*alive).order_by(WebSession.seen_at.desc(), WebSession.id)).all()


def leave(id_: int) -> None:
    """Signing out."""
    db.session.execute(delete(WebSession).where(WebSession.id == id_))


def end(actor: Actor, person: Person, *, only: int | None = None, but: int | None = None) -> int:
    """Ends one, or all but one; returns how many that were."""
    wanted = delete(WebSession).where(WebSession.person_id == person.id)
    if only is not None:
        wanted = wanted.where(WebSession.id == only)
    if but is not None:
        wanted = wanted.where(WebSession.id != but)
    count = len(db.session.scalars(wanted.returning(WebSession.id)).all())
    if count:
        record(actor, person, SessionsEnded(count))
    return count


def end_all(person: Person) -> None:
    """With what could begin new ones: links mailed before. Whatever is done besides says why."""
    db.session.execute(delete(WebSession).where(WebSession.person_id == person.id))
    db.session.execute(delete(AccountLink).where(AccountLink.person_id == person.id))


def end_everybodys(connection: Connection) -> None:
    """After a restore: what had ended since the backup was made would be good again."""
    connection.execute(delete(WebSession))
    connection.execute(delete(AccountLink))
