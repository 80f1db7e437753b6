"""Opportunities: possible deals on their way through the stages of a pipeline."""

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Identity, Index, Numeric, Text, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, column_property, mapped_column

from crm.domain.contacts.models import Contact
from crm.domain.customers.models import Customer
from crm.domain.records.models import Kept, kept_indexes, tag_index
from crm.domain.records.numbers import Numbers, sequence
from crm.infra.db import Model
from crm.kernel.permissions import Action, permission

NUMBERS = Numbers("opportunities", "OPP", sequence("opportunities"))
_THERE = "deleted_at IS NULL"
_OPEN = f"{_THERE} AND closed_at IS NULL"


class Pipeline(Model):
    __tablename__ = "pipelines"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)  # in addresses and records; never changes
    label: Mapped[dict[str, str]] = mapped_column(JSONB)  # language → words
    position: Mapped[int]
    retired_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class Stage(Model):
    """`position` is counted over all pipelines, and those that end a deal come after all others: lists sort by it."""

    __tablename__ = "stages"
    __table_args__ = (Index("ix_stages_pipeline", "pipeline_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    pipeline_id: Mapped[int] = mapped_column(ForeignKey(Pipeline.id))
    key: Mapped[str] = mapped_column(unique=True)
    label: Mapped[dict[str, str]] = mapped_column(JSONB)
    kind: Mapped[str]  # open, won, lost; never changes
    probability: Mapped[int]  # percent
    rotting_days: Mapped[int | None]  # a deal that stands here longer is stale
    required: Mapped[list[str]] = mapped_column(ARRAY(Text))  # keys of the fields to be filled in here
    position: Mapped[int]
    retired_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class Opportunity(Kept, Model):
    __tablename__ = "opportunities"
    read_permission = permission("opportunities", Action.READ)
    __table_args__ = (
        *kept_indexes("opportunities"),
        tag_index("opportunities"),
        Index("ix_opportunities_name_key", "name_key"),  # exact duplicates
        Index("ix_opportunities_customer_id", "customer_id", postgresql_where=text("customer_id IS NOT NULL")),
        # A column of the board, of everything, of one owner or of a department: its cards in order, and what they sum
        # up to without looking at them.
        *(
            Index(
                f"ix_opportunities_{name}board",
                *whose,
                "stage",
                "place",
                "id",
                postgresql_include=["amount"],
                postgresql_where=text(_OPEN),
            )
            for name, whose in (("", ()), ("owner_", ("owner_id",)), ("department_", ("department_id",)))
        ),
        Index(
            "ix_opportunities_ended",
            "stage",
            text("closed_at DESC"),
            text("id DESC"),
            postgresql_include=["amount"],
            postgresql_where=text(f"{_THERE} AND closed_at IS NOT NULL"),
        ),
        Index("ix_opportunities_stage_rank", "stage_rank", "id", postgresql_where=text(_THERE)),
        Index("ix_opportunities_stage_since", "stage_since", "id", postgresql_where=text(_THERE)),
        *(
            Index(
                f"ix_opportunities_{column}",
                column,
                "id",
                postgresql_where=text(f"{_THERE} AND {column} IS NOT NULL"),
                postgresql_include=told,
            )
            for column, told in (
                ("amount", None),
                ("closes_on", None),
                # What was won in any stretch of days, whoever's, is read from the index alone.
                ("closed_at", ["stage", "owner_id", "department_id", "amount"]),
            )
        ),
    )

    customer_id: Mapped[int | None] = mapped_column(ForeignKey(Customer.id, ondelete="SET NULL"))
    pipeline: Mapped[str] = mapped_column(ForeignKey(Pipeline.key))  # its stage's
    stage: Mapped[str] = mapped_column(ForeignKey(Stage.key))
    amount: Mapped[Decimal | None] = mapped_column(Numeric)
    closes_on: Mapped[dt.date | None]  # expected
    competitors: Mapped[str | None]
    tags: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    lost_reason: Mapped[str | None]
    source: Mapped[str | None]
    remarks: Mapped[str | None]
    name_key: Mapped[str]  # derived from the name in every write

    # They follow from the stage in every write: see rules.py.
    stage_rank: Mapped[int]  # its position
    stage_since: Mapped[dt.datetime]
    place: Mapped[str] = mapped_column(Text(collation="C"))  # in its column: see places.py
    closed_at: Mapped[dt.datetime | None]  # won or lost
    line_count: Mapped[int] = mapped_column(default=0, server_default=text("0"))

    probability: Mapped[Decimal] = column_property(
        # Of the row it stands in, whoever may see that: it reads stages alone.
        select(Stage.probability).where(Stage.key == stage).execution_options(scoped=True).scalar_subquery(),
        deferred=True,
    )


class OpportunityStage(Model):
    """From when until when a deal stood in a stage, from its first day on."""

    __tablename__ = "opportunity_stages"
    __table_args__ = (Index("ix_opportunity_stages_opportunity", "opportunity_id", "entered_at", "id"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    opportunity_id: Mapped[int] = mapped_column(ForeignKey(Opportunity.id, ondelete="CASCADE"))
    stage: Mapped[str]
    entered_at: Mapped[dt.datetime]
    left_at: Mapped[dt.datetime | None]
    actor_id: Mapped[int | None]  # who moved it there


class OpportunityContact(Model):
    """Who takes part in a deal, and as what."""

    __tablename__ = "opportunity_contacts"
    __table_args__ = (Index("ix_opportunity_contacts_contact", "contact_id"),)

    opportunity_id: Mapped[int] = mapped_column(ForeignKey(Opportunity.id, ondelete="CASCADE"), primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey(Contact.id, ondelete="CASCADE"), primary_key=True)
    role: Mapped[str | None]
    added_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class OpportunityLine(Model):
    """What is offered: so many of a product at a price, less a discount in percent.

    `product_id` waits for products to be records; until then the product is a text.
    """

    __tablename__ = "opportunity_lines"
    __table_args__ = (Index("ix_opportunity_lines_opportunity", "opportunity_id", "id"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    opportunity_id: Mapped[int] = mapped_column(ForeignKey(Opportunity.id, ondelete="CASCADE"))
    product_id: Mapped[int | None]
    product: Mapped[str]
    quantity: Mapped[Decimal] = mapped_column(Numeric)
    price: Mapped[Decimal] = mapped_column(Numeric)
    discount: Mapped[Decimal] = mapped_column(Numeric)
    amount: Mapped[Decimal] = mapped_column(Numeric)

    def as_values(self) -> dict[str, Any]:
        return {key: getattr(self, key) for key in ("product", "quantity", "price", "discount")}
