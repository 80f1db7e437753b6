"""Customers: the companies and persons we sell to."""

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, Date, ForeignKey, Identity, Index, Sequence, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from crm.domain.people.models import Person
from crm.domain.timeline.models import Followed
from crm.infra.db import Base, Model
from crm.kernel.access import Scoped
from crm.kernel.permissions import Permission

NUMBERS = Sequence("customer_numbers", metadata=Base.metadata)


class NumberDay(Model):
    """Where the sequence stood when a day began: the day's numbers count from there, without any lock."""

    __tablename__ = "customer_number_days"

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    base: Mapped[int]


class Customer(Scoped, Followed, Model):
    """Codes and departments have no foreign key: one costs 4 µs a row, and they come from their own tables."""

    __tablename__ = "customers"
    read_permission = Permission.CUSTOMERS_READ
    __table_args__ = (
        # Every list: newest change first, of everything or of one owner. Common words are found by walking these.
        Index(
            "ix_customers_updated",
            text("updated_at DESC"),
            text("id DESC"),
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index(
            "ix_customers_owner_updated",
            "owner_id",
            text("updated_at DESC"),
            text("id DESC"),
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index(
            "ix_customers_department_updated",
            "department_id",
            text("updated_at DESC"),
            text("id DESC"),
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index("ix_customers_sort_key", "sort_key", "id", postgresql_where=text("deleted_at IS NULL")),
        Index("ix_customers_created", "created_at", "id", postgresql_where=text("deleted_at IS NULL")),
        Index(
            "ix_customers_last_follow_up",
            "last_follow_up_at",
            "id",
            postgresql_where=text("deleted_at IS NULL AND last_follow_up_at IS NOT NULL"),
        ),
        Index(
            "ix_customers_next_follow_up",
            "next_follow_up_on",
            "id",
            postgresql_where=text("deleted_at IS NULL AND next_follow_up_on IS NOT NULL"),
        ),
        Index("ix_customers_search", "search", postgresql_using="gin"),
        Index("ix_customers_name_key", "name_key"),  # exact duplicates
        Index("ix_customers_industry", "industry_code", postgresql_where=text("industry_code IS NOT NULL")),
        Index("ix_customers_region", "region_code", postgresql_where=text("region_code IS NOT NULL")),
        Index("ix_customers_tags", "tags", postgresql_using="gin", postgresql_where=text("tags IS NOT NULL")),
        Index(  # values of administrators' own fields, whichever they are
            "ix_customers_custom",
            "custom",
            postgresql_using="gin",
            postgresql_ops={"custom": "jsonb_path_ops"},
            postgresql_where=text("custom <> '{}'"),
        ),
        Index("ix_customers_parent", "parent_id", postgresql_where=text("parent_id IS NOT NULL")),
        Index("ix_customers_deleted", "deleted_at", postgresql_where=text("deleted_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
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
    owner_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id))
    department_id: Mapped[int | None]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    competitor: Mapped[str | None]
    remarks: Mapped[str | None]
    custom: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))

    # Derived from the columns above by crm/domain/customers/derived.py, in every write.
    name_key: Mapped[str]
    sort_key: Mapped[str]
    search: Mapped[str] = mapped_column(TSVECTOR, deferred=True)
    search_text: Mapped[str] = mapped_column(deferred=True)

    last_follow_up_at: Mapped[dt.datetime | None]
    next_follow_up_on: Mapped[dt.date | None] = mapped_column(Date)

    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    import_id: Mapped[int | None]  # the import that made it
    created_by_id: Mapped[int | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    deleted_at: Mapped[dt.datetime | None]
