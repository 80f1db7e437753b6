"""What may be written into a customer besides what its fields say: who may own it, to whom it may belong."""

from sqlalchemy import func, select

from crm.domain.customers.models import Customer
from crm.domain.people.models import Person
from crm.infra.db import db
from crm.kernel.access import Actor, Reach
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.permissions import Permission
from crm.kernel.text import N_


def check_owner(actor: Actor, owner: int | None, customer: Customer | None) -> None:
    """To keep one's own needs no right; to give away, the right to assign must reach the record and its new owner."""
    if owner == (customer.owner_id if customer else owner and actor.id):
        return
    reaches = customer is None or actor.holds(customer, Permission.CUSTOMERS_ASSIGN)
    if not reaches or not _may_assign_to(actor, owner):
        raise RuleBroken(N_("You may not give %(customers)s to someone else."))


def _may_assign_to(actor: Actor, owner: int | None) -> bool:
    reach = actor.reach_of(Permission.CUSTOMERS_ASSIGN)
    if reach is Reach.ALL or (owner == actor.id and reach):
        return True
    department = db.session.scalar(select(Person.department_id).where(Person.id == owner, Person.active))
    return department in actor.departments(Permission.CUSTOMERS_ASSIGN)


def check_parent(customer: Customer, parent_id: int) -> None:
    """A company cannot be its own ancestor."""
    line = (
        select(Customer.id, Customer.parent_id)
        .where(Customer.id == parent_id)
        .execution_options(scoped=True)
        .cte("line", recursive=True)
    )
    above = select(Customer.id, Customer.parent_id).join(line, Customer.id == line.c.parent_id)
    line = line.union(above.execution_options(scoped=True))
    count = select(func.count()).select_from(line).where(line.c.id == customer.id)
    if customer.id == parent_id or db.session.scalar(count):
        raise Invalid(N_("No %(customer)s can belong to itself or to one that belongs to it."))
