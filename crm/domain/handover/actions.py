"""A person moves to another department, leaves, or comes back – and everything they own with them.

What somebody who leaves owned is handed over by a worker (running.py); little is handed over at once.
"""

from sqlalchemy import select, update

from crm.domain.handover.events import PersonDeactivated, PersonReactivated
from crm.domain.handover.models import UNDER_WAY, Handover, State
from crm.domain.handover.queries import owned
from crm.domain.handover.running import BATCH, step
from crm.domain.imports.models import Import
from crm.domain.people.events import PersonChanged
from crm.domain.people.granting import need_an_administrator
from crm.domain.people.models import Department, Person
from crm.domain.people.sessions import end_all
from crm.domain.people.structure import when_moved
from crm.domain.registry import RECORD_TYPES
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor, unscoped
from crm.kernel.errors import RuleBroken
from crm.kernel.events import origin, record
from crm.kernel.text import N_


def move(actor: Actor, person: Person, department: Department | None) -> None:
    """A record is in its owner's department: it goes along."""
    after = department.id if department else None
    if after == person.department_id:
        return
    before, person.department_id = person.department_id, after
    with unscoped("an owner's department is theirs whoever may see it, in the recycle bin too"):
        for entity in (*(each.entity for each in RECORD_TYPES.values()), Import):
            theirs = select(entity.id).where(entity.owner_id == person.id)
            db.session.execute(theirs.order_by(entity.id).with_for_update())  # as everybody locks many
            statement = update(entity).where(entity.owner_id == person.id).values(department_id=after)
            db.session.execute(statement.execution_options(synchronize_session=False))
    record(actor, person, PersonChanged({"department": [before, after]}))
    for listener in when_moved:
        listener(actor)


def deactivate(actor: Actor, person: Person, receiver: Person | None) -> Handover:
    """Ends their sessions and has all they own, the recycle bin included, handed over to `receiver`."""
    if not person.active:
        raise RuleBroken(N_("This account is closed already."))
    if receiver is not None and (receiver.id == person.id or not receiver.active):
        raise RuleBroken(N_("Choose somebody else, whose account is open."))
    total = sum(owned(person).values())
    if receiver is None and total:
        raise RuleBroken(N_("Choose who takes over what they own."))
    _refuse_while_receiving(person)
    person.active = False
    end_all(person)
    need_an_administrator()
    took = {"receiver": [None, receiver.name]} if receiver else {}
    event = record(actor, person, PersonDeactivated({"active": [True, False]} | took))
    db.session.flush()
    handover = Handover(
        person_id=person.id,
        receiver_id=receiver.id if receiver else None,
        event_id=event.id,
        total=total,
        created_by_id=actor.id,
        reason=origin.get().reason,
        state=State.GIVING,
    )
    db.session.add(handover)
    db.session.flush()
    _at_once(handover, total)
    return handover


def reactivate(actor: Actor, person: Person) -> Handover | None:
    """Has given back what the receiver still has and nobody has given on since, also of what is half handed over."""
    if person.active:
        raise RuleBroken(N_("This account is open already."))
    person.active = True
    record(actor, person, PersonReactivated({"active": [False, True]}))
    handover = open_handover(person)
    if handover is None:
        return None
    db.session.refresh(handover, with_for_update=True)
    handover.state, handover.undone_at, handover.undone_by_id = State.RETURNING, clock.now(), actor.id
    handover.attempts, handover.retry_at, handover.reason = 0, None, origin.get().reason
    db.session.flush()
    _at_once(handover, handover.given)
    return handover


def open_handover(person: Person) -> Handover | None:
    """The one that bringing the person back would undo."""
    wanted = select(Handover).where(Handover.person_id == person.id, Handover.undone_at.is_(None))
    return db.session.scalars(wanted.order_by(Handover.id.desc()).limit(1)).first()


def _at_once(handover: Handover, records: int) -> None:
    """What is one batch needs no worker."""
    while records <= BATCH and handover.is_under_way:
        step(handover)


def _refuse_while_receiving(person: Person) -> None:
    """Or what is still on its way to them would reach somebody who has left."""
    coming = select(Handover.id).where(Handover.receiver_id == person.id, Handover.state == State.GIVING)
    going = select(Handover.id).where(Handover.person_id == person.id, Handover.state.in_(UNDER_WAY))
    if db.session.scalar(coming.limit(1)) or db.session.scalar(going.limit(1)):
        raise RuleBroken(N_("Records are still being handed over to them: close the account when that is done."))
