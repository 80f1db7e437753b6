"""A worker's turn at a hand-over: batches of records that are one transaction each.

The hand-over's row is locked for as long as a batch lasts, and its items and numbers are written together with the
records. So a worker that is killed leaves nothing by half, and the next one goes on where it stopped.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, insert, or_, select, update

from crm.domain.customers import holding
from crm.domain.handover.events import RecordHandedBack, RecordHandedOver
from crm.domain.handover.models import UNDER_WAY, Handover, HandoverItem, State
from crm.domain.people.models import Person
from crm.domain.registry import RECORD_TYPES
from crm.domain.tickets.deadlines import reckon
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor, unscoped
from crm.kernel.events import Event, Fact, because, record_many
from crm.kernel.listening import as_run

BATCH = 1_000
_AGREE = dt.timedelta(days=1)  # what the clocks of two machines may differ by
_LONGEST_WAIT = 10  # as a power of two, in seconds


def take_next() -> Handover | None:
    """The one that waits longest for a worker, locked until the transaction ends."""
    due = or_(Handover.retry_at.is_(None), Handover.retry_at <= clock.now())
    statement = select(Handover).where(Handover.state.in_(UNDER_WAY), due).order_by(Handover.id).limit(1)
    statement = statement.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    return db.session.scalars(statement).first()


def put_off(handover_id: int) -> None:
    """After trouble that may pass: longer each time."""
    handover = db.session.get_one(Handover, handover_id, populate_existing=True, with_for_update=True)
    handover.attempts += 1
    handover.retry_at = clock.now() + dt.timedelta(seconds=2 ** min(handover.attempts, _LONGEST_WAIT))


def step(handover: Handover) -> None:
    """Give or give back one batch, or find that there is nothing left to do."""
    with because(handover.reason), as_run(f"handovers:{handover.id}", heard=False):
        more = _give(handover) if handover.state == State.GIVING else _give_back(handover)
    if not more:
        handover.state = State.DONE if handover.state == State.GIVING else State.UNDONE
    handover.attempts, handover.retry_at = 0, None


def _give(handover: Handover) -> bool:
    fact = RecordHandedOver({"owner": [handover.person_id, handover.receiver_id]}, handover.id)
    for key, type_ in RECORD_TYPES.items():
        for binned in (False, True):  # each has an index of its own
            entity = type_.entity
            there = entity.deleted_at.is_not(None) if binned else entity.deleted_at.is_(None)
            theirs = select(entity.id).where(entity.owner_id == handover.person_id, there)
            if some := _some(theirs):
                ids = _locked(theirs.where(entity.id.in_(some)), entity)
                _hand(Actor(handover.created_by_id), key, ids, _person(handover.receiver_id), fact)
                _note(handover, key, ids)
                handover.given += len(ids)
                return True
    return False


def _note(handover: Handover, key: str, ids: Sequence[int]) -> None:
    if ids:  # somebody may have given away all of them meanwhile
        rows = [{"handover_id": handover.id, "record_type": key, "record_id": id_} for id_ in ids]
        db.session.execute(insert(HandoverItem), rows)


def _give_back(handover: Handover) -> bool:
    fact = RecordHandedBack({"owner": [handover.receiver_id, handover.person_id]}, handover.id)
    for key, type_ in RECORD_TYPES.items():
        mine = (HandoverItem.handover_id == handover.id, HandoverItem.record_type == key)
        out = select(HandoverItem.record_id).where(*mine, ~HandoverItem.settled).order_by(HandoverItem.record_id)
        ids = db.session.scalars(out.limit(BATCH)).all()
        if ids:
            unchanged = _unchanged(handover, key, type_.entity)
            free = _locked(select(type_.entity.id).where(type_.entity.id.in_(ids), unchanged), type_.entity)
            _hand(Actor(handover.undone_by_id), key, free, _person(handover.person_id), fact)
            settled = update(HandoverItem).where(*mine, HandoverItem.record_id.in_(ids)).values(settled=True)
            db.session.execute(settled.execution_options(synchronize_session=False))
            handover.back += len(free)
            handover.left += len(ids) - len(free)
            return True
    return False


def _some(ids: Select[Any]) -> Sequence[int]:
    """As the index has them: to sort all that somebody owns for each batch would take long."""
    with unscoped("what somebody owns is handed over whoever may see it, in the recycle bin too"):
        return db.session.scalars(ids.limit(BATCH)).all()


def _locked(ids: Select[Any], entity: Any) -> Sequence[int]:
    """In the order in which everybody locks many: no two wait for each other."""
    with unscoped("what somebody owns is handed over whoever may see it, in the recycle bin too"):
        return db.session.scalars(ids.order_by(entity.id).with_for_update()).all()


def _person(person_id: int | None) -> Person:
    """Who moves to another department takes turns with this: their records are in theirs."""
    assert person_id is not None
    person: Person = db.session.get_one(Person, person_id, populate_existing=True, with_for_update={"read": True})
    return person


def _hand(actor: Actor, key: str, ids: Sequence[int], to: Person, fact: Fact) -> None:
    entity = RECORD_TYPES[key].entity
    values: dict[str, Any] = {"owner_id": to.id, "department_id": to.department_id}
    values |= {"version": entity.version + 1, "updated_at": clock.now()}
    statement = update(entity).where(entity.id.in_(ids)).values(values)
    with unscoped("what somebody owns is handed over whoever may see it, in the recycle bin too"):
        db.session.execute(statement.execution_options(synchronize_session=False))
    if key == "customers":  # no limit of holding stops a hand-over, but the days of the pool begin anew
        holding.set_hold(ids, owner_since=clock.now(), warned_at=None)
    elif key == "tickets":  # the hours of another team may count
        reckon(ids)
    record_many(actor, key, [(id_, fact) for id_ in ids])
    db.session.expire_all()


def _unchanged(handover: Handover, key: str, entity: Any) -> ColumnElement[bool]:
    """The receiver still has it, and nobody gave it to anybody since."""
    given_on = exists().where(
        Event.subject_type == key,
        Event.subject_id == entity.id,
        Event.id > handover.event_id,
        Event.occurred_at > handover.created_at - _AGREE,
        Event.payload["changes"].has_key("owner"),
        Event.payload["handover_id"].astext.is_distinct_from(str(handover.id)),
    )
    still: ColumnElement[bool] = (entity.owner_id == handover.receiver_id) & ~given_on
    return still
