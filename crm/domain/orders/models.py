"""Orders: what customers bought, and the lines that say of what."""

import datetime as dt
from decimal import Decimal

from sqlalchemy import ForeignKey, Identity, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.customers.models import Customer
from crm.domain.products.models import Product
from crm.domain.records.models import Kept, kept_indexes
from crm.domain.records.numbers import Numbers, sequence
from crm.infra.db import Model
from crm.kernel.permissions import Action, permission

NUMBERS = Numbers("orders", "ORD", sequence("orders"))
COUNTS = "deleted_at IS NULL AND status NOT IN ('cancelled', 'returned')"
"""Which orders are counted: written out, so that it matches the indexes that answer for it."""
_THERE = "deleted_at IS NULL"
_OF_ANOTHER = "external_number IS NOT NULL"


class Order(Kept, Model):
    __tablename__ = "orders"
    read_permission = permission("orders", Action.READ)
    __table_args__ = (
        *kept_indexes("orders"),
        Index("ix_orders_customer_id", "customer_id", postgresql_where=text("customer_id IS NOT NULL")),
        Index("ix_orders_ordered_on", "ordered_on", "id", postgresql_where=text(_THERE)),
        Index("ix_orders_amount", "amount", "id", postgresql_where=text(_THERE)),
        Index(
            "uq_orders_external",
            "external_number",
            text("coalesce(external_source, '')"),
            unique=True,
            postgresql_where=text(_OF_ANOTHER),
        ),
        # How many and how much of any stretch of days, whoever's: read from the index alone.
        Index(
            "ix_orders_counted",
            "ordered_on",
            postgresql_include=["owner_id", "department_id", "currency", "amount"],
            postgresql_where=text(COUNTS),
        ),
    )

    customer_id: Mapped[int | None] = mapped_column(ForeignKey(Customer.id, ondelete="SET NULL"))
    external_number: Mapped[str | None]
    external_source: Mapped[str | None]
    ordered_on: Mapped[dt.date]
    status: Mapped[str] = mapped_column(default="open")
    amount: Mapped[Decimal] = mapped_column(Numeric(16, 2))
    currency: Mapped[str] = mapped_column(default="CNY")
    remarks: Mapped[str | None]


class OrderLine(Model):
    """Reached only through an order the actor may see. What it is called stays as it was when it was written."""

    __tablename__ = "order_lines"
    __table_args__ = (
        Index("ix_order_lines_order", "order_id", "position"),
        Index("ix_order_lines_product", "product_id", postgresql_where=text("product_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey(Order.id, ondelete="CASCADE"))
    position: Mapped[int]
    product_id: Mapped[int | None] = mapped_column(ForeignKey(Product.id, ondelete="SET NULL"))
    description: Mapped[str]
    quantity: Mapped[Decimal] = mapped_column(Numeric(14, 3))
    price: Mapped[Decimal] = mapped_column(Numeric(16, 2))
    amount: Mapped[Decimal] = mapped_column(Numeric(16, 2))
