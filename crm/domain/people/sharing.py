"""Show one record to a person or a department beyond their reach, for good or for a time, and take that back."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import bindparam, select, update

from crm.domain.people.actions import SYSTEM
from crm.domain.people.events import RecordLent, RecordShared, RecordUnshared
from crm.domain.people.lasting import last_day
from crm.domain.people.models import Department, Person
from crm.domain.people.queries import names
from crm.infra import clock
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


def share(actor: Actor, subject: Any, grantee: Person | Department, until: dt.datetime | None = None) -> None:
    """With the same twice is with them once, until when was said last."""
    _check(actor, subject)
    grant_many(actor, subject.__tablename__, [(subject.id, grantee)], until=until)
    place = {"subject_type": subject.__tablename__, "subject_id": subject.id}
    person_id, department_id = _grantee(grantee)
    kept = update(Share).filter_by(**place, person_id=person_id, department_id=department_id)
    # what a rule has shown them is from now on theirs to see, whatever the rule says
    db.session.execute(kept.values(follows=None, until=until))


def grant(actor: Actor, subject: Any, grantee: Person | Department) -> None:
    """What follows from a rule, whoever sets it off: the rule has decided that they are to see it."""
    grant_many(actor, subject.__tablename__, [(subject.id, grantee)])


def grant_many(
    actor: Actor,
    type_: str,
    pairs: Collection[tuple[int, Person | Department]],
    follows: str | None = None,
    until: dt.datetime | None = None,
) -> None:
    """(id of a record, who is to see it) pairs; with whom it is shared already for good it is not shared again.
    `follows` is the rule that takes it back (`take_back`), if one does."""
    place = Share.subject_type == type_, Share.subject_id.in_({id_ for id_, _ in pairs})
    kept = (
        {(each.subject_id, *_to(each)): each for each in db.session.scalars(select(Share).where(*place))}
        if pairs
        else {}
    )
    new = {key: to for id_, to in pairs if (key := (id_, *_grantee(to))) not in kept or kept[key].until is not None}
    for key in new.keys() & kept.keys():  # what would have ended begins anew
        db.session.delete(kept[key])
    db.session.flush()
    db.session.add_all(
        Share(
            subject_type=type_,
            subject_id=id_,
            person_id=person,
            department_id=department,
            created_by_id=actor.id,
            follows=follows,
            until=until,
        )
        for id_, person, department in new
    )
    db.session.flush()
    record_many(actor, type_, [(id_, _shown(to, until)) for (id_, _, _), to in new.items()])


def _shown(to: Person | Department, until: dt.datetime | None) -> RecordShared | RecordLent:
    return RecordShared(to.name) if until is None else RecordLent(to.name, last_day(until).isoformat())


def end_shares(limit: int) -> int:
    """What has ended by itself is taken away, told on the record; how many."""
    over = select(Share).where(Share.until <= clock.now()).order_by(Share.id).limit(limit)
    gone = db.session.scalars(over.with_for_update(skip_locked=True)).all()
    for one in gone:
        db.session.delete(one)
        told = [(one.subject_id, RecordUnshared(_name(one)))]
        record_many(SYSTEM, one.subject_type, told)
    return len(gone)


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
