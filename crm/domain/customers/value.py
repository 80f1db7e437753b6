"""What a customer is worth by their orders: counted, summed and scored beside the customer, in a row of its own.

It changes with every order and every night, and the customer's row has twenty indexes: decision 34 has the figures.
Whoever writes orders keeps it; here it is only what a list and a page show.
"""

import datetime as dt
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, Numeric, text
from sqlalchemy.ext.associationproxy import association_proxy
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.domain.customers.models import Customer
from crm.infra.db import Model
from crm.kernel.beside import Beside
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.text import N_

_SORTED = ("order_count", "order_total", "order_average", "first_order_on", "last_order_on")
_SCORED = ("rfm_recency", "rfm_frequency", "rfm_monetary", "rfm_segment")


class CustomerValue(Model):
    """There is one as soon as a customer has had an order. Sums are of orders in the company's currency.

    Whole numbers are numeric too, since that is what a filter compares with: else no index would answer it.
    """

    __tablename__ = "customer_values"
    __table_args__ = (
        *(Index(f"ix_customer_values_{each}", each, "customer_id") for each in _SORTED),
        *(
            Index(f"ix_customer_values_{each}", each, "customer_id", postgresql_where=text(f"{each} IS NOT NULL"))
            for each in _SCORED
        ),
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey(Customer.id, ondelete="CASCADE"), primary_key=True)
    order_count: Mapped[Decimal] = mapped_column(Numeric(12, 0), default=0, server_default=text("0"))
    order_total: Mapped[Decimal] = mapped_column(Numeric(16, 2), default=0, server_default=text("0"))
    order_average: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))
    first_order_on: Mapped[dt.date | None]
    last_order_on: Mapped[dt.date | None]
    rfm_recency: Mapped[Decimal | None] = mapped_column(Numeric(1, 0))  # 1 to 5, as the other scores
    rfm_frequency: Mapped[Decimal | None] = mapped_column(Numeric(1, 0))
    rfm_monetary: Mapped[Decimal | None] = mapped_column(Numeric(1, 0))
    rfm_segment: Mapped[str | None]
    level_given: Mapped[str | None]  # by the scores: where the customer has another, a person chose it


Customer.value = relationship(CustomerValue, viewonly=True, uselist=False)
for _name in (*_SORTED, *_SCORED):
    setattr(Customer, _name, association_proxy("value", _name))

VALUES_BESIDE = Beside(CustomerValue, CustomerValue.customer_id)
_SHOWN = (
    ("order_count", N_("Number of %(orders)s"), FieldKind.NUMBER),
    ("order_total", N_("Sum of %(orders)s"), FieldKind.MONEY),
    ("order_average", N_("Average of %(orders)s"), FieldKind.MONEY),
    ("first_order_on", N_("First of the %(orders)s"), FieldKind.DATE),
    ("last_order_on", N_("Last of the %(orders)s"), FieldKind.DATE),
    ("rfm_recency", N_("Recency (1–5)"), FieldKind.NUMBER),
    ("rfm_frequency", N_("Frequency (1–5)"), FieldKind.NUMBER),
    ("rfm_monetary", N_("Monetary value (1–5)"), FieldKind.NUMBER),
    ("rfm_segment", N_("Segment"), FieldKind.TEXT),
)
VALUE_FIELDS = tuple(
    Field(key=key, label=label, kind=kind, column=getattr(CustomerValue, key), editable=False, sortable=True)
    for key, label, kind in _SHOWN
)
