"""Requests for access: of a record, one's own, and what waits for whoever administers."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, and_, func, or_, select

from crm.domain.access.models import AccessRequest
from crm.domain.notifications.queries import names_of
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.permissions import Permission

PAGE = 25
WAITING, ANSWERED, MINE = "waiting", "answered", "mine"


def open_requests(subject: Any) -> Sequence[AccessRequest]:
    """Of a record, for whoever may share it."""
    of = {"subject_type": subject.__tablename__, "subject_id": subject.id, "answered_at": None}
    return db.session.scalars(select(AccessRequest).filter_by(**of).order_by(AccessRequest.id)).all()


def may_decide(actor: Actor) -> bool:
    return bool(actor.may(Permission.SYSTEM_ADMINISTER))


def readable(actor: Actor) -> Select[AccessRequest]:
    """What one has asked for, of records only what was granted: that a request is kept at all says that there is such
    a record. For whoever administers also what is asked of them."""
    told = or_(AccessRequest.subject_id.is_(None), AccessRequest.granted)
    mine = and_(AccessRequest.person_id == actor.id, told)
    return select(AccessRequest).where(or_(mine, AccessRequest.subject_id.is_(None)) if may_decide(actor) else mine)


def requests(actor: Actor, tab: str, before: int | None = None) -> Sequence[AccessRequest]:
    """The newest first, one more than a page."""
    some = readable(actor)
    if tab == MINE:
        some = some.where(AccessRequest.person_id == actor.id)
    else:
        answered = AccessRequest.answered_at.is_not(None) if tab == ANSWERED else AccessRequest.answered_at.is_(None)
        some = some.where(answered, AccessRequest.subject_id.is_(None))
    if before is not None:
        some = some.where(AccessRequest.id < before)
    return db.session.scalars(some.order_by(AccessRequest.id.desc()).limit(PAGE + 1)).all()


def waiting() -> int:
    of = AccessRequest.subject_id.is_(None), AccessRequest.answered_at.is_(None)
    return db.session.scalar(select(func.count()).select_from(AccessRequest).where(*of)) or 0


def _named(actor: Actor, ids: Collection[int]) -> Mapping[int, str]:
    """By who asks, or by why."""
    found = db.session.scalars(readable(actor).where(AccessRequest.id.in_(ids)))
    return {each.id: each.name or " ".join(each.reason.split())[:60] for each in found}


names_of[AccessRequest.__tablename__] = _named
