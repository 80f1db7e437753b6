"""Asking to see a record that one has only been told of, or was led to and may not open; and the answer."""

import datetime as dt
from collections.abc import Collection
from typing import Any

from sqlalchemy import select

from crm.domain.access.events import AccessAsked, AccessRefused
from crm.domain.access.models import AccessRequest
from crm.domain.access.words import reason_of
from crm.domain.notifications.actions import Kind, News, notify
from crm.domain.people.models import Person
from crm.domain.people.queries import administrators
from crm.domain.people.sharing import may_share, share
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor, unscoped
from crm.kernel.errors import RuleBroken
from crm.kernel.events import record
from crm.kernel.records import RecordType
from crm.kernel.text import N_

MOST = 3  # records that one asks for at once: of a department the most alike
OPEN_AT_ONCE = 20  # of one person: more is no question about records any more


def ask(actor: Actor, type_: RecordType, ids: Collection[int], reason: str = "") -> None:
    """Whoever asks is told neither whether there is such a record nor whose it is. Twice is once."""
    why, entity = reason_of(reason), type_.entity
    if not actor.may(entity.read_permission):
        raise RuleBroken(N_("You may see none of these; ask for the list instead."))
    statement = select(entity).where(entity.id.in_(list(ids)[:MOST]), entity.deleted_at.is_(None))
    with unscoped("who asks does not see it: only its owner is told"):
        found = db.session.scalars(statement.order_by(entity.id)).all()
    for each in found:
        _ask(actor, each, why)


def _ask(actor: Actor, one: Any, reason: str) -> None:
    theirs = select(AccessRequest).filter_by(person_id=actor.id, answered_at=None)
    waiting = db.session.scalars(theirs.where(AccessRequest.subject_id.is_not(None)).limit(OPEN_AT_ONCE)).all()
    there = any((each.subject_type, each.subject_id) == (one.__tablename__, one.id) for each in waiting)
    if there or len(waiting) == OPEN_AT_ONCE:
        return
    place = {"subject_type": one.__tablename__, "subject_id": one.id}
    asked = AccessRequest(**place, person_id=actor.id, reason=reason, asked_at=clock.now())
    db.session.add(asked)
    record(actor, one, AccessAsked())
    _tell(actor, one, [asked.id])


def tell_owner(actor: Actor, one: Any) -> None:
    """Of what is asked of a record since another one was merged into it; of nothing twice."""
    asked = select(AccessRequest.id).filter_by(subject_type=one.__tablename__, subject_id=one.id, answered_at=None)
    _tell(actor, one, db.session.scalars(asked).all())


def _tell(actor: Actor, one: Any, asked: Collection[int]) -> None:
    """Of what is nobody's, whoever administers."""
    receivers = administrators() if one.owner_id is None else [one.owner_id]
    news = [News(who, one.__tablename__, one.id, str(each)) for each in asked for who in receivers]
    notify(Kind.ACCESS_ASKED, news, by=actor)


def answer(
    actor: Actor, subject: Any, request: AccessRequest, *, granted: bool, until: dt.datetime | None = None
) -> None:
    """`request` is locked. Who may share a record may answer; granted, it is shared with whoever asked, for good or
    until then."""
    if not may_share(actor, subject):
        raise RuleBroken(N_("Only its owner, or who may give it to somebody else, may share this."))
    if request.answered_at is not None:  # somebody else was quicker
        return
    person: Person = db.session.get_one(Person, request.person_id)
    request.answered_at, request.answered_by_id, request.granted = clock.now(), actor.id, granted
    if granted:
        request.until = until
        share(actor, subject, person, until)
        notify(Kind.ACCESS_GRANTED, [News(person.id, subject.__tablename__, subject.id, str(request.id))], by=actor)
    else:
        record(actor, subject, AccessRefused(person.name))
