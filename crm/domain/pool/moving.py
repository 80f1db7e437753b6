"""Customers into the pool and out of it, with what they leave behind and what goes along."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import select, update

from crm.domain.customers import holding
from crm.domain.customers.claims import note_claims, refuse_cooling
from crm.domain.customers.events import CustomerClaimed, CustomerProtected, CustomerReleased, CustomerUnprotected
from crm.domain.customers.models import Customer
from crm.domain.customers.pool_models import CustomerHold
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.company import company
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import Event, Fact, origin, record, record_many
from crm.kernel.permissions import Action, permission
from crm.kernel.text import N_

LONGEST_PROTECTION = dt.timedelta(days=3650)
_ASSIGN = permission("customers", Action.ASSIGN)
_QUICKER = N_("Somebody else was quicker: this %(customer)s is not in the public pool any more.")
_WHY = N_("Say why: whoever looks at this %(customer)s later wants to know.")


def let_go(actor: Actor, rows: Sequence[Any], fact: Callable[[Any], Fact]) -> None:
    """`rows` are locked and somebody's: id, owner_id, department_id. They lie in the pool of their department then."""
    moves = [holding.Move(row.id, row.owner_id, None, row.department_id) for row in rows]
    facts = [(row.id, fact(row)) for row in rows]
    ids = [each.customer_id for each in moves]
    values = {"owner_id": None, "version": Customer.version + 1, "updated_at": clock.now()}
    change = update(Customer).where(Customer.id.in_(ids)).values(values)
    db.session.execute(change.execution_options(scoped=True, synchronize_session=False))
    for one in list(db.session.identity_map.values()):
        if isinstance(one, Customer) and one.id in ids:
            db.session.expire(one)
    record_many(actor, "customers", facts)
    holding.moved(actor, moves)


def release(actor: Actor, customer: Customer) -> None:
    """By hand. The customer is locked."""
    _may(actor, customer)
    if customer.owner_id is None:
        raise RuleBroken(N_("This %(customer)s is in the public pool already."))
    if not origin.get().reason:
        raise Invalid(_WHY, key="reason")
    db.session.flush()
    let_go(actor, [customer], lambda row: CustomerReleased({"owner": [row.owner_id, None]}))


def protect(actor: Actor, customer: Customer, until: dt.date | None) -> None:
    """Keep it out of the pool for so long, whatever the rules say; None: not any more."""
    _may(actor, customer)
    if until is not None and not company.today() <= until <= company.today() + LONGEST_PROTECTION:
        raise Invalid(N_("Choose a day from today on, within ten years."), key="until")
    if not origin.get().reason:
        raise Invalid(_WHY, key="reason")
    holding.set_hold([customer.id], protected_until=until)
    record(actor, customer, CustomerProtected(until.isoformat()) if until else CustomerUnprotected())


def _may(actor: Actor, customer: Customer) -> None:
    if not actor.holds(customer, _ASSIGN):
        raise RuleBroken(N_("You may not give this to someone else."))


def hold_of(customer_id: int) -> CustomerHold | None:
    return db.session.get(CustomerHold, customer_id, populate_existing=True)


def claim(actor: Actor, customer: Customer) -> None:
    """A customer the actor can see. The database decides who was first, and counts with the actor's row locked."""
    pool = customer.department_id
    refuse_cooling(actor, customer, actor.id)
    taken: dict[str, Any] = {"owner_id": actor.id, "department_id": actor.department_id}
    taken |= {"version": Customer.version + 1, "updated_at": clock.now()}
    free = (Customer.id == customer.id, Customer.owner_id.is_(None), Customer.deleted_at.is_(None))
    first = update(Customer).where(*free).values(taken).returning(Customer.id)
    if db.session.scalar(first.execution_options(scoped=True, synchronize_session=False)) is None:
        raise RuleBroken(_QUICKER)
    assert actor.id is not None  # it is somebody's then
    note_claims(actor, actor.id, [customer.id])
    try:
        holding.refuse_too_many(actor, [actor.id])
    except Invalid as problem:
        raise RuleBroken(problem.message, **problem.params) from problem
    db.session.refresh(customer)
    record(actor, customer, CustomerClaimed(pool, {"owner": [None, actor.id]}))
    holding.moved(actor, [holding.Move(customer.id, None, actor.id, actor.department_id)])


def refuse_late(actor: Actor, customer_id: int) -> None:
    """Raises RuleBroken for whoever could have claimed it and comes after somebody else did; for all others it does
    not exist, as ever."""
    claimed = (
        select(Event.payload["pool"].as_integer())
        .where(Event.subject_type == "customers", Event.subject_id == customer_id, Event.name == CustomerClaimed.name)
        .order_by(Event.occurred_at.desc(), Event.id.desc())
        .limit(1)
    )
    row = db.session.execute(claimed).first()
    if row is not None and (row[0] is None or row[0] in actor.pools):
        raise RuleBroken(_QUICKER)
