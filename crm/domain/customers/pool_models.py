"""What is said about the pool of customers, and what is kept of each customer for it, beside the customer."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.customers.models import Customer
from crm.domain.people.models import Department, Person
from crm.infra.db import Model


class PoolRule(Model):
    """Of a department and of all below it that have none; without a department, of the company. `rule` is a packed
    Rule of pool_rules.py."""

    __tablename__ = "pool_rules"
    __table_args__ = (
        Index("uq_pool_rules_department", text("coalesce(department_id, 0)"), unique=True),  # one for the company
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey(Department.id))
    rule: Mapped[dict[str, Any]] = mapped_column(JSONB)


class CustomerHold(Model):
    """There is one as soon as a customer has changed hands, was warned about or is protected."""

    __tablename__ = "customer_holds"

    customer_id: Mapped[int] = mapped_column(ForeignKey(Customer.id, ondelete="CASCADE"), primary_key=True)
    owner_since: Mapped[dt.datetime | None]  # none: since it was made
    warned_at: Mapped[dt.datetime | None]  # when the owner was told that it goes back
    protected_until: Mapped[dt.date | None]  # the last day on which it stays out of the pool


class CustomerFormer(Model):
    """Whoever had a customer before it came into the pool, and when it did last: all of them, as each may have to
    wait."""

    __tablename__ = "customer_formers"

    customer_id: Mapped[int] = mapped_column(ForeignKey(Customer.id, ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    left_at: Mapped[dt.datetime]


class CustomerClaim(Model):
    """Who claimed how many on which day is counted here, whatever becomes of the customer."""

    __tablename__ = "customer_claims"
    __table_args__ = (Index("ix_customer_claims_person", "person_id", "claimed_at"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id))
    customer_id: Mapped[int]
    claimed_at: Mapped[dt.datetime]
