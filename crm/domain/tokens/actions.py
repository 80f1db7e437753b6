"""Making and taking back keys, and who a key speaks for."""

import datetime as dt
import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy import Select, or_, select

from crm.domain.people.models import Person
from crm.domain.people.policy import actor_of
from crm.domain.registry import RECORD_TYPES
from crm.domain.tokens.events import TokenMade, TokenRevoked
from crm.domain.tokens.models import ApiToken
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.company import company
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import record
from crm.kernel.permissions import Permission
from crm.kernel.text import N_, clean

PREFIX = "crm_"  # by which scanners of public code find a key that has got out
MOST = 20
_SHOWN = len(PREFIX) + 6
_NOTED_EVERY = dt.timedelta(hours=1)


def tokens_of(actor: Actor) -> Sequence[ApiToken]:
    """Those the actor may take back and that are not, newest first: their own, and an administrator everybody's."""
    return db.session.scalars(_in_hand(actor).order_by(ApiToken.id.desc())).all()


def token_of(actor: Actor, id_: int) -> ApiToken | None:
    return db.session.scalars(_in_hand(actor).where(ApiToken.id == id_)).first()


def _in_hand(actor: Actor) -> Select[ApiToken]:
    alive = select(ApiToken).where(ApiToken.revoked_at.is_(None))
    everybodys = actor.may(Permission.SYSTEM_ADMINISTER)
    return alive if everybodys else alive.where(ApiToken.person_id == actor.id)


def make_token(
    actor: Actor, name: str, *, writes: bool, types: Collection[str] = (), expires_on: dt.date | None = None
) -> tuple[ApiToken, str]:
    """The key and its text, which is told once and kept nowhere."""
    name = clean(name)
    if not name:
        raise Invalid(N_("Give the key a name, such as the program that will use it."))
    if len(name) > 100:
        raise Invalid(N_("The name has at most %(most)s characters."), most=100)
    if expires_on is not None and expires_on < company.today():
        raise Invalid(N_("The last day of a key cannot have passed."))
    if sum(each.person_id == actor.id for each in tokens_of(actor)) >= MOST:
        raise RuleBroken(N_("You have %(most)s keys already: take one back first."), most=MOST)
    text = PREFIX + secrets.token_urlsafe(32)
    one = ApiToken(
        person_id=actor.id,
        name=name,
        start=text[:_SHOWN],
        key_hash=_hash(text),
        writes=writes,
        types=sorted(set(types) & RECORD_TYPES.keys()),
        created_at=clock.now(),
        expires_on=expires_on,
    )
    db.session.add(one)
    db.session.flush()
    record(actor, one, TokenMade(name, writes, one.types))
    return one, text


def revoke_token(actor: Actor, one: ApiToken) -> None:
    if one.revoked_at is None:
        one.revoked_at = clock.now()
        record(actor, one, TokenRevoked(one.name))


def spoken_for(text: str) -> tuple[ApiToken, Person, Actor] | None:
    """The key, its person and what the two may do together; None for a key that is worth nothing.

    What is compared is the hash, so that no time tells how much of a key is right.
    """
    alive = (ApiToken.revoked_at.is_(None), or_(ApiToken.expires_on.is_(None), ApiToken.expires_on >= company.today()))
    asked = select(ApiToken, Person).join(Person, Person.id == ApiToken.person_id)
    row = db.session.execute(asked.where(ApiToken.key_hash == _hash(text), Person.active, *alive)).first()
    if row is None:
        return None
    token, person = row
    return token, person, narrowed(actor_of(person), token)


def narrowed(actor: Actor, token: ApiToken) -> Actor:
    """Never more than the person: records only, of the key's types, and read-only where it may not write."""
    types = frozenset(token.types) if token.types else RECORD_TYPES.keys()
    reach = {
        each: how_far
        for each, how_far in actor.reach.items()
        if each.type in types or each in (Permission.FOLLOW_UPS_WRITE, Permission.SYSTEM_API)
    }
    return replace(actor, reach=reach, read_only=actor.read_only or not token.writes)


def note_use(token: ApiToken) -> bool:
    """That it was used, to the hour; returns whether there was anything to note."""
    now = clock.now()
    if token.last_used_at is not None and now - token.last_used_at < _NOTED_EVERY:
        return False
    token.last_used_at = now
    return True


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
