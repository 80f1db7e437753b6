"""Whoever takes a customer out of the public pool for themselves claims it, whatever they take it by: the button, a
form, a cell, a change of many records, an import or a program."""

import datetime as dt
from collections.abc import Collection, Mapping

from sqlalchemy import func, select

from crm.domain.confirming.models import PendingChange, State
from crm.domain.customers.models import Customer
from crm.domain.customers.pool_models import CustomerClaim, CustomerFormer
from crm.domain.customers.pool_rules import pools_of
from crm.domain.people.models import Person
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.company import company
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import origin
from crm.kernel.permissions import Permission
from crm.kernel.text import N_

ADMINISTERS = Permission.SYSTEM_ADMINISTER  # the pool; its rules do not bind whoever makes them when they give
_ENOUGH = N_("You can claim %(most)s %(customers)s on one day and have done so: go on tomorrow.")
_THEY_ENOUGH = N_("%(name)s can claim %(most)s %(customers)s on one day and has done so: confirm it tomorrow.")
_WHY = N_(
    "Without an owner this %(customer)s goes into the public pool, and that takes a reason: write it under “Reason” and"
    " send again; a program gives it in X-Reason."
)


def check_hands(actor: Actor, customer: Customer, owner_id: int | None) -> None:
    """Before it changes hands. What gives back what was there asks nothing again."""
    if origin.get().takes_back or owner_id == customer.owner_id:
        return
    if owner_id is None:
        if not origin.get().reason:
            raise Invalid(_WHY, key="owner", asks_why=True)
    elif customer.owner_id is None:
        refuse_cooling(actor, customer, owner_id)


def refuse_cooling(actor: Actor, customer: Customer, person_id: int | None) -> None:
    """Of everybody who had it before it came into the pool, whose days are not over."""
    if person_id != actor.id and actor.may(ADMINISTERS):
        return
    rule = pools_of(actor).of(customer.department_id)
    left_at = _left_at(customer.id, person_id) if rule.cooling_days else None
    if left_at is None:
        return
    again = left_at + dt.timedelta(days=rule.cooling_days)
    if clock.now() >= again:
        return
    if person_id == actor.id:
        raise RuleBroken(
            N_("You had this %(customer)s before: you can claim it again from %(day)s on, somebody else at once."),
            day=again.date().isoformat(),
            key="owner",
        )
    raise RuleBroken(
        N_("%(name)s had this %(customer)s before and can have it again from %(day)s on: give it to somebody else."),
        name=db.session.scalar(select(Person.name).where(Person.id == person_id)),
        day=again.date().isoformat(),
        key="owner",
    )


def _left_at(customer_id: int, person_id: int | None) -> dt.datetime | None:
    of = {"customer_id": customer_id, "person_id": person_id}
    return db.session.scalar(select(CustomerFormer.left_at).filter_by(**of))


def asked_for(person_of: Mapping[int, int]) -> dict[int, int]:
    """{customer: person} of those who get what they have asked for themselves, which a second person confirms just now
    where the owner is a sensitive field."""
    waits = select(PendingChange.subject_id, PendingChange.asked_by_id).where(
        PendingChange.subject_type == Customer.__tablename__,
        PendingChange.subject_id.in_(person_of),
        PendingChange.field == "owner",
        PendingChange.state == State.ASKED,
    )
    return {id_: person for id_, person in db.session.execute(waits) if person_of[id_] == person} if person_of else {}


def note_claims(actor: Actor, person_id: int, ids: Collection[int]) -> None:
    """They have just been taken by this person, in this transaction. Counted with the person's row locked, so that of
    two claims at once the second counts the first."""
    them = select(Person.name, Person.department_id).where(Person.id == person_id)
    person = db.session.execute(them.with_for_update(key_share=True)).one()
    now = clock.now()
    db.session.add_all(CustomerClaim(person_id=person_id, customer_id=each, claimed_at=now) for each in ids)
    db.session.flush()
    most = pools_of(actor).of(person.department_id).claims
    if most is None:
        return
    today = (CustomerClaim.person_id == person_id, CustomerClaim.claimed_at >= company.midnight(company.today()))
    if (db.session.scalar(select(func.count(CustomerClaim.id)).where(*today)) or 0) > most:
        mine = person_id == actor.id
        raise RuleBroken(_ENOUGH if mine else _THEY_ENOUGH, name=person.name, most=most, key="owner")
