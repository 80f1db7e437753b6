"""Links mailed to somebody about their account: good once, and for so long. Nobody can read them here."""

import datetime as dt
import secrets

from sqlalchemy import ColumnElement, delete, select

from crm.domain.people.models import AccountLink, Person
from crm.domain.people.sessions import hashed
from crm.infra import clock
from crm.infra.db import db

RESET, INVITATION, ADDRESS = "reset", "invitation", "address"
LASTS = {RESET: dt.timedelta(hours=1), INVITATION: dt.timedelta(days=3), ADDRESS: dt.timedelta(days=3)}


def make_link(person: Person, purpose: str, address: str) -> str:
    """What stands in the link; the one mailed before for the same purpose is not good any more."""
    token = secrets.token_urlsafe(32)
    db.session.execute(delete(AccountLink).where(AccountLink.person_id == person.id, AccountLink.purpose == purpose))
    db.session.add(
        AccountLink(
            digest=hashed(token),
            person_id=person.id,
            purpose=purpose,
            address=address,
            expires_at=clock.now() + LASTS[purpose],
        )
    )
    return token


def link_of(token: str) -> AccountLink | None:
    """Looked at, not used: programs open links before people do."""
    return db.session.scalars(select(AccountLink).where(*_good(token))).first()


def use_link(token: str) -> AccountLink | None:
    """Of two who use one at once the second waits here and finds none."""
    gone = delete(AccountLink).where(*_good(token)).returning(AccountLink)
    return db.session.scalars(gone.execution_options(synchronize_session=False)).first()


def _good(token: str) -> tuple[ColumnElement[bool], ...]:
    alive = select(Person.id).where(Person.id == AccountLink.person_id, Person.active).exists()
    return AccountLink.digest == hashed(token), AccountLink.expires_at > clock.now(), alive
