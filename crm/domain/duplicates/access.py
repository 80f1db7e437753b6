"""Asking to see a record of which one has only been told that it is there, and the answer."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import select

from crm.domain.duplicates.events import AccessAsked, AccessRefused
from crm.domain.duplicates.models import AccessRequest
from crm.domain.notifications.actions import Kind, News, notify
from crm.domain.people.models import Person
from crm.domain.people.sharing import may_share, share
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor, unscoped
from crm.kernel.errors import RuleBroken
from crm.kernel.events import record
from crm.kernel.records import RecordType
from crm.kernel.text import N_

MOST = 3  # records that one asks for at once: of a department the most alike


def ask(actor: Actor, type_: RecordType, ids: Collection[int]) -> int:
    """Of records that are like what somebody writes down; how many owners are asked. Twice is once."""
    entity = type_.entity
    statement = select(entity).where(entity.id.in_(list(ids)[:MOST]), entity.deleted_at.is_(None))
    with unscoped("who asks does not see it: only its owner is told"):
        found = db.session.scalars(statement.order_by(entity.id)).all()
    return sum(_ask(actor, each) for each in found)


def _ask(actor: Actor, one: Any) -> bool:
    place = {"subject_type": one.__tablename__, "subject_id": one.id}
    open_one = select(AccessRequest.id).filter_by(**place, person_id=actor.id, answered_at=None)
    if db.session.scalar(open_one) is not None:
        return True
    db.session.add(asked := AccessRequest(**place, person_id=actor.id, asked_at=clock.now()))
    record(actor, one, AccessAsked())
    if one.owner_id is not None:
        notify(Kind.ACCESS_ASKED, [News(one.owner_id, one.__tablename__, one.id, str(asked.id))], by=actor)
    return True


def tell_owner(actor: Actor, one: Any) -> None:
    """Of what is asked of a record since another one was merged into it; of nothing twice."""
    asked = select(AccessRequest.id).filter_by(subject_type=one.__tablename__, subject_id=one.id, answered_at=None)
    if one.owner_id is not None:
        news = [News(one.owner_id, one.__tablename__, one.id, str(each)) for each in db.session.scalars(asked)]
        notify(Kind.ACCESS_ASKED, news, by=actor)


def answer(actor: Actor, subject: Any, request: AccessRequest, *, granted: bool) -> None:
    """`request` is locked. Who may share a record may answer; granted, it is shared with whoever asked."""
    if not may_share(actor, subject):
        raise RuleBroken(N_("Only its owner, or who may give it to somebody else, may share this."))
    if request.answered_at is not None:  # somebody else was quicker
        return
    person: Person = db.session.get_one(Person, request.person_id)
    request.answered_at, request.answered_by_id, request.granted = clock.now(), actor.id, granted
    if granted:
        share(actor, subject, person)
        notify(Kind.ACCESS_GRANTED, [News(person.id, subject.__tablename__, subject.id, str(request.id))], by=actor)
    else:
        record(actor, subject, AccessRefused(person.name))
