"""Show one record to a person or a department beyond their reach, and take that back."""

from typing import Any

from sqlalchemy import bindparam, select

from crm.domain.people.events import RecordShared, RecordUnshared
from crm.domain.people.models import Department, Person
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import RuleBroken
from crm.kernel.events import record
from crm.kernel.permissions import Action, permission
from crm.kernel.sharing import Share
from crm.kernel.text import N_


def may_share(actor: Actor, subject: Any) -> bool:
    """Whoever owns the record, or may give it to somebody."""
    own = actor.id is not None and subject.owner_id == actor.id
    return own or actor.holds(subject, permission(subject.__tablename__, Action.ASSIGN))


def share(actor: Actor, subject: Any, grantee: Person | Department) -> None:
    """With the same twice is with them once."""
    _check(actor, subject)
    grant(actor, subject, grantee)


def grant(actor: Actor, subject: Any, grantee: Person | Department) -> None:
    """What follows from a rule, whoever sets it off: the rule has decided that they are to see it."""
    to = {"person_id": grantee.id} if isinstance(grantee, Person) else {"department_id": grantee.id}
    place = {"subject_type": subject.__tablename__, "subject_id": subject.id}
    if db.session.scalar(select(Share.id).filter_by(**place, **to)) is None:
        db.session.add(Share(**place, **to, created_by_id=actor.id))
        record(actor, subject, RecordShared(grantee.name))


def unshare(actor: Actor, subject: Any, share_id: int) -> None:
    _check(actor, subject)
    place = {"subject_type": subject.__tablename__, "subject_id": subject.id}
    found = db.session.scalars(select(Share).filter_by(id=share_id, **place)).first()
    if found is None:  # somebody else was quicker
        return
    db.session.delete(found)
    record(actor, subject, RecordUnshared(_name(found)))


_SHARES = (
    select(Share)
    .where(Share.subject_type == bindparam("subject_type"), Share.subject_id == bindparam("subject_id"))
    .order_by(Share.id)
)


def shares_of(subject: Any) -> list[tuple[Share, str]]:
    """With the names of those it is shown to, oldest first."""
    found = db.session.scalars(_SHARES, {"subject_type": subject.__tablename__, "subject_id": subject.id})
    return [(each, _name(each)) for each in found]


def _name(share: Share) -> str:
    grantee = (
        db.session.get(Person, share.person_id) if share.person_id else db.session.get(Department, share.department_id)
    )
    return grantee.name if grantee else ""


def _check(actor: Actor, subject: Any) -> None:
    if not may_share(actor, subject):
        raise RuleBroken(N_("Only its owner, or who may give it to somebody else, may share this."))
