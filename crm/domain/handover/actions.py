"""A person moves to another department, leaves, or comes back – and everything they own with them. Set by set."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, any_, exists, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from crm.domain.handover.events import PersonDeactivated, PersonReactivated, RecordHandedBack, RecordHandedOver
from crm.domain.handover.models import Handover
from crm.domain.handover.queries import owned
from crm.domain.imports.models import Import
from crm.domain.people.events import PersonChanged
from crm.domain.people.granting import need_an_administrator
from crm.domain.people.models import Department, Person
from crm.domain.registry import RECORD_TYPES
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor, unscoped
from crm.kernel.bulk import take_ids
from crm.kernel.errors import RuleBroken
from crm.kernel.events import Event, Fact, record, record_many
from crm.kernel.text import N_

_AGREE = dt.timedelta(days=1)  # what the clocks of two machines may differ by


def move(actor: Actor, person: Person, department: Department | None) -> None:
    """A record is in its owner's department: it goes along."""
    after = department.id if department else None
    if after == person.department_id:
        return
    before, person.department_id = person.department_id, after
    with unscoped("an owner's department is theirs whoever may see it, in the recycle bin too"):
        for entity in (*(each.entity for each in RECORD_TYPES.values()), Import):
            statement = update(entity).where(entity.owner_id == person.id).values(department_id=after)
            db.session.execute(statement.execution_options(synchronize_session=False))
    record(actor, person, PersonChanged({"department": [before, after]}))


def deactivate(actor: Actor, person: Person, receiver: Person | None) -> Handover:
    """Ends their sessions and hands over all they own, the recycle bin included, to `receiver`."""
    if not person.active:
        raise RuleBroken(N_("This account is closed already."))
    if receiver is not None and (receiver.id == person.id or not receiver.active):
        raise RuleBroken(N_("Choose somebody else, whose account is open."))
    if receiver is None and owned(person):
        raise RuleBroken(N_("Choose who takes over what they own."))
    person.active = False
    person.end_sessions()
    need_an_administrator()
    took = {"receiver": [None, receiver.name]} if receiver else {}
    event = record(actor, person, PersonDeactivated({"active": [True, False]} | took))
    db.session.flush()
    (handover_id,) = take_ids("handovers", 1)
    handover = Handover(id=handover_id, person_id=person.id, event_id=event.id, records={})
    handover.receiver_id = receiver.id if receiver else None
    fact = RecordHandedOver({"owner": [person.id, handover.receiver_id]}, handover_id)
    handover.records = _give(actor, receiver, fact, lambda type_, entity: entity.owner_id == person.id)
    db.session.add(handover)
    return handover


def reactivate(actor: Actor, person: Person) -> tuple[int, int]:
    """Gives back what the receiver still has and nobody has given on since: (given back, left where it is)."""
    if person.active:
        raise RuleBroken(N_("This account is open already."))
    person.active = True
    record(actor, person, PersonReactivated({"active": [False, True]}))
    handover = open_handover(person)
    if handover is None:
        return 0, 0
    handover.undone_at = clock.now()
    fact = RecordHandedBack({"owner": [handover.receiver_id, person.id]}, handover.id)
    given = _give(actor, person, fact, lambda type_, entity: _unchanged(handover, type_, entity))
    back = sum(map(len, given.values()))
    return back, handover.count - back


def open_handover(person: Person) -> Handover | None:
    """The one that bringing the person back would undo."""
    wanted = select(Handover).where(Handover.person_id == person.id, Handover.undone_at.is_(None))
    return db.session.scalars(wanted.order_by(Handover.id.desc()).limit(1)).first()


def _unchanged(handover: Handover, type_: str, entity: Any) -> ColumnElement[bool]:
    given_on = exists().where(
        Event.subject_type == type_,
        Event.subject_id == entity.id,
        Event.id > handover.event_id,
        Event.occurred_at > handover.created_at - _AGREE,
        Event.payload["changes"].has_key("owner"),
        Event.payload["handover_id"].astext.is_distinct_from(str(handover.id)),
    )
    mine = entity.id == any_(literal(handover.records.get(type_, []), ARRAY(BigInteger)))  # IN stops at 65,535
    return and_(mine, (entity.owner_id == handover.receiver_id), ~given_on)


def _give(
    actor: Actor, owner: Person | None, fact: Fact, which: Callable[[str, Any], ColumnElement[bool]]
) -> dict[str, list[int]]:
    """Type → ids of what was given, with one event each."""
    given = {}
    for key, type_ in RECORD_TYPES.items():
        entity = type_.entity
        values: dict[str, Any] = {
            "owner_id": owner.id if owner else None,
            "department_id": owner.department_id if owner else None,
        }
        values |= {"version": entity.version + 1, "updated_at": clock.now()}
        statement = update(entity).where(which(key, entity)).values(values).returning(entity.id)
        with unscoped("what somebody owns is handed over whoever may see it, in the recycle bin too"):
            ids = list(db.session.scalars(statement.execution_options(synchronize_session=False)))
        if ids:
            record_many(actor, key, [(id_, fact) for id_ in ids])
            given[key] = ids
    db.session.expire_all()
    return given
