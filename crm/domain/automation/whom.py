"""Whom a rule means: people by what they are to a record, or one person by name."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from crm.domain.automation.asking import customer_field
from crm.domain.automation.turn import Turn
from crm.domain.people.models import Person
from crm.domain.people.policy import actor_of, policy
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db
from crm.kernel.access import Actor, Reach
from crm.kernel.errors import Invalid
from crm.kernel.permissions import Action, permission
from crm.kernel.text import N_

OWNER, CUSTOMER_OWNER, MANAGERS, DOER, PERSON = "owner", "customer_owner", "managers", "doer", "person:"
WORDS = {
    OWNER: N_("the owner of the %(record)s"),
    CUSTOMER_OWNER: N_("the owner of its %(customer)s"),
    MANAGERS: N_("those in charge of the owner's department"),
    DOER: N_("whoever did it"),
}


def offered(type_key: str) -> list[str]:
    """What can be said of records of this type."""
    return [each for each in WORDS if each != CUSTOMER_OWNER or customer_field(type_key) is not None]


def check(type_key: str, whom: str) -> str:
    if whom.startswith(PERSON):
        id_ = whom.removeprefix(PERSON)
        if id_.isdecimal() and db.session.get(Person, int(id_)) is not None:
            return whom
    elif whom in offered(type_key):
        return whom
    raise Invalid(N_("Say who: choose somebody."), key="whom")


def needs(type_key: str, whom: str) -> set[Any]:
    return {permission("customers", Action.READ)} if whom == CUSTOMER_OWNER else set()


def people(turn: Turn, whom: str) -> list[int]:
    """Whose accounts are open; nobody where there is none."""
    match whom:
        case "owner":
            wanted: Sequence[int | None] = [turn.record.owner_id]
        case "customer_owner":
            wanted = [_customer_owner(turn)]
        case "managers":
            return _in_charge(turn)
        case "doer":
            wanted = [turn.doer_id]
        case _:
            wanted = [int(whom.removeprefix(PERSON))]
    return turn.desk.open_accounts([each for each in wanted if each is not None])


def _customer_owner(turn: Turn) -> int | None:
    """As far as the rule may see the customer."""
    link, customers = customer_field(turn.type.key), RECORD_TYPES["customers"].entity
    id_ = link.value_in(turn.record) if link is not None else None
    if id_ is None:
        return None
    found = customers.visible_to(turn.actor).where(customers.id == id_).with_only_columns(customers.owner_id)
    owner: int | None = db.session.scalar(found)
    return owner


def _in_charge(turn: Turn) -> list[int]:
    """Of the nearest department above the record that has somebody who may give such records to others."""
    departments = policy(turn.actor.shape).branches
    above = [each for each, below in departments.items() if turn.record.department_id in below]
    nearest = sorted(above, key=lambda each: len(departments[each]))
    for department in nearest:
        there = db.session.scalars(select(Person).where(Person.department_id == department, Person.active)).all()
        if ids := sorted(each.id for each in there if _is_in_charge(actor_of(each), turn)):
            return ids
    return []


def _is_in_charge(actor: Actor, turn: Turn) -> bool:
    assign = permission(turn.type.key, Action.ASSIGN)
    return actor.reach_of(assign) > Reach.OWN and actor.holds(turn.record, assign)


def may_see(turn: Turn, person_id: int) -> bool:
    """Whether somebody may see what the rule acts on: only then is it told to them by name."""
    entity, person = turn.type.entity, db.session.get_one(Person, person_id)
    found = entity.visible_to(actor_of(person)).where(entity.id == turn.record.id).with_only_columns(entity.id)
    return db.session.scalar(found) is not None
