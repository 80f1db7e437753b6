"""Customers: the companies and persons we sell to."""

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from crm.domain.records.models import Kept, kept_indexes, pool_indexes, tag_index
from crm.domain.records.numbers import Numbers, sequence
from crm.infra.db import Model
from crm.kernel.permissions import Action, permission

NUMBERS = Numbers("customers", "CUST", sequence("customers"))


class Customer(Kept, Model):
    """Codes have no foreign key: one costs 4 µs a row, and they come from their own tables."""

    __tablename__ = "customers"
    read_permission = permission("customers", Action.READ)
    pooled = True
    __table_args__ = (
        *kept_indexes("customers", counted=True),
        *pool_indexes("customers"),
        # Of whom nothing has been heard for longest: what goes back into the pool is asked by it.
        Index(
            "ix_customers_quiet",
            "department_id",
            text("greatest(created_at, last_follow_up_at)"),
            "id",
            postgresql_where=text("deleted_at IS NULL AND owner_id IS NOT NULL"),
        ),
        Index("ix_customers_name_key", "name_key"),  # exact duplicates
        Index("ix_customers_industry", "industry_code", postgresql_where=text("industry_code IS NOT NULL")),
        Index("ix_customers_region", "region_code", postgresql_where=text("region_code IS NOT NULL")),
        tag_index("customers"),
        Index("ix_customers_parent", "parent_id", postgresql_where=text("parent_id IS NOT NULL")),
    )

    gathers = True

    type: Mapped[str] = mapped_column(default="company")
    industry_code: Mapped[str | None]
    level: Mapped[str | None]
    lifecycle_stage: Mapped[str | None]
    source: Mapped[str | None]
    region_code: Mapped[str | None]
    phone: Mapped[str | None]  # E.164 or RFC 3966 with extension
    phone_original: Mapped[str | None]  # as it was typed
    email: Mapped[str | None]
    website: Mapped[str | None]
    address: Mapped[str | None]
    tags: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id", ondelete="SET NULL"))
    competitor: Mapped[str | None]
    remarks: Mapped[str | None]
    name_key: Mapped[str]  # derived from the name in every write
