"""Show one record to a person or a department beyond their reach, and take that back."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import bindparam, select, update

from crm.domain.people.events import RecordShared, RecordUnshared
from crm.domain.people.models import Department, Person
from crm.domain.people.queries import names
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import RuleBroken
from crm.kernel.events import record, record_many
from crm.kernel.permissions import TYPES, Action, permission
from crm.kernel.sharing import Share
from crm.kernel.text import N_


def may_share(actor: Actor, subject: Any) -> bool:
    """Whoever owns the record, or may give it to somebody."""
    own = actor.id is not None and subject.owner_id == actor.id
    given = subject.__tablename__ in TYPES  # an import is nobody's to give away
    return own or (given and actor.holds(subject, permission(subject.__tablename__, Action.ASSIGN)))


def share(actor: Actor, subject: Any, grantee: Person | Department) -> None:
    """With the same twice is with them once."""
    _check(actor, subject)
    grant(actor, subject, grantee)
    place = {"subject_type": subject.__tablename__, "subject_id": subject.id}
    person_id, department_id = _grantee(grantee)
    kept = update(Share).filter_by(**place, person_id=person_id, department_id=department_id).values(follows=None)
    db.session.execute(kept)  # what a rule has shown them is from now on theirs to see, whatever the rule says


def grant(actor: Actor, subject: Any, grantee: Person | Department) -> None:
    """What follows from a rule, whoever sets it off: the rule has decided that they are to see it."""
    grant_many(actor, subject.__tablename__, [(subject.id, grantee)])


def grant_many(
    actor: Actor, type_: str, pairs: Collection[tuple[int, Person | Department]], follows: str | None = None
) -> None:
    """(id of a record, who is to see it) pairs; with whom it is shared already it is not shared again. `follows` is the
    rule that takes it back (`take_back`), if one does."""
    place = Share.subject_type == type_, Share.subject_id.in_({id_ for id_, _ in pairs})
    there = {(each.subject_id, *_to(each)) for each in db.session.scalars(select(Share).where(*place))} if pairs else ()
    new = {(id_, *_grantee(to)): to for id_, to in pairs if (id_, *_grantee(to)) not in there}
    db.session.add_all(
        Share(
            subject_type=type_,
            subject_id=id_,
            person_id=person,
            department_id=department,
            created_by_id=actor.id,
            follows=follows,
        )
        for id_, person, department in new
    )
    db.session.flush()
    record_many(actor, type_, [(id_, RecordShared(to.name)) for (id_, _, _), to in new.items()])


def take_back(actor: Actor, type_: str, kept: Mapping[int, int | None], follows: str) -> None:
    """Of what a rule has shown to people, all but what it shows to this one: {id of a record: person, or nobody}."""
    if not kept:
        return
    theirs = Share.subject_type == type_, Share.subject_id.in_(kept), Share.follows == follows
    shown = db.session.scalars(select(Share).where(*theirs).order_by(Share.id)).all()
    gone = [each for each in shown if each.person_id != kept[each.subject_id]]
    known = names({each.person_id for each in gone})
    for each in gone:
        db.session.delete(each)
    db.session.flush()
    record_many(actor, type_, [(each.subject_id, RecordUnshared(known.get(each.person_id or 0, ""))) for each in gone])


def _grantee(to: Person | Department) -> tuple[int | None, int | None]:
    return (to.id, None) if isinstance(to, Person) else (None, to.id)


def _to(share: Share) -> tuple[int | None, int | None]:
    return share.person_id, share.department_id


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
