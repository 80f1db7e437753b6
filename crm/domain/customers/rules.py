"""What may be written into a customer besides what its fields say: to whom it may belong."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from crm.domain.customers.claims import check_hands
from crm.domain.customers.holding import refuse_one_more, refuse_one_of_level
from crm.domain.customers.models import Customer
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid
from crm.kernel.text import N_


def check(actor: Actor, values: Mapping[str, Any], customer: Customer | None) -> None:
    if customer is not None and values.get("parent") is not None:
        check_parent(customer, values["parent"])
    if customer is None:
        return
    if "owner" in values:
        check_hands(actor, customer, values["owner"])
    owner, level = values.get("owner", customer.owner_id), values.get("level", customer.level)
    if owner is not None and owner != customer.owner_id:
        refuse_one_more(actor, owner, level)
    elif owner is not None and level is not None and level != customer.level:
        refuse_one_of_level(actor, owner, level)


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
