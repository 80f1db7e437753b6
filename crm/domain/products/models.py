"""Products: what we sell."""

from decimal import Decimal

from sqlalchemy import Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.records.models import Kept, kept_indexes
from crm.domain.records.numbers import Numbers, sequence
from crm.infra.db import Model
from crm.kernel.permissions import Action, permission

NUMBERS = Numbers("products", "PROD", sequence("products"))


class Product(Kept, Model):
    __tablename__ = "products"
    read_permission = permission("products", Action.READ)
    __table_args__ = (
        *kept_indexes("products"),
        Index("ix_products_name_key", "name_key"),  # exact duplicates
        Index("uq_products_code", "code", unique=True, postgresql_where=text("code IS NOT NULL")),
    )

    code: Mapped[str | None]
    category: Mapped[str | None]
    unit: Mapped[str | None]
    price: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))
    on_sale: Mapped[bool] = mapped_column(default=True)
    description: Mapped[str | None]
    name_key: Mapped[str]  # derived from the name in every write
