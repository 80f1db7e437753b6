"""Leads: people and companies who may be interested and are not customers yet."""

import datetime as dt
from decimal import Decimal

from sqlalchemy import ForeignKey, Identity, Index, Numeric, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.contacts.models import Contact
from crm.domain.customers.models import Customer
from crm.domain.leads.choices import NEW
from crm.domain.opportunities.models import Opportunity
from crm.domain.records.models import Kept, kept_indexes, pool_indexes, tag_index
from crm.domain.records.numbers import Numbers, sequence
from crm.infra.db import Model
from crm.kernel.permissions import Action, permission

NUMBERS = Numbers("leads", "LEAD", sequence("leads"))
_NEWEST = (text("updated_at DESC"), text("id DESC"))
_THERE = "deleted_at IS NULL"
_BY = (("score", "score", ""), ("amount", "expected_amount", " AND expected_amount IS NOT NULL"))


class Lead(Kept, Model):
    """`customer_id`, `contact_id` and `opportunity_id` are what a won lead became."""

    __tablename__ = "leads"
    read_permission = permission("leads", Action.READ)
    pooled = True
    __table_args__ = (
        *kept_indexes("leads"),
        *pool_indexes("leads"),
        tag_index("leads"),
        Index("ix_leads_name_key", "name_key"),  # exact duplicates
        Index("ix_leads_status", "status", *_NEWEST, postgresql_where=text(_THERE)),
        # How many open ones somebody has: assignment by load asks it.
        Index(
            "ix_leads_open",
            "owner_id",
            postgresql_where=text(f"status IN ('new', 'contacted', 'qualified') AND {_THERE}"),
        ),
        *(Index(f"ix_leads_{name}", column, "id", postgresql_where=text(_THERE + more)) for name, column, more in _BY),
        Index("ix_leads_industry", "industry_code", postgresql_where=text("industry_code IS NOT NULL")),
        Index("ix_leads_region", "region_code", postgresql_where=text("region_code IS NOT NULL")),
        Index("ix_leads_customer_id", "customer_id", postgresql_where=text("customer_id IS NOT NULL")),
        Index("ix_leads_contact_id", "contact_id", postgresql_where=text("contact_id IS NOT NULL")),
        Index("ix_leads_opportunity_id", "opportunity_id", postgresql_where=text("opportunity_id IS NOT NULL")),
    )

    company: Mapped[str | None]
    position: Mapped[str | None]
    phone: Mapped[str | None]
    phone_original: Mapped[str | None]  # as it was typed
    email: Mapped[str | None]
    wecom: Mapped[str | None]
    website: Mapped[str | None]
    status: Mapped[str] = mapped_column(default=NEW)
    discard_reason: Mapped[str | None]
    discard_text: Mapped[str | None]
    source: Mapped[str | None]
    campaign: Mapped[str | None]
    industry_code: Mapped[str | None]
    region_code: Mapped[str | None]
    tags: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    expected_amount: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))
    remarks: Mapped[str | None]
    score: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # what the rules give: see scoring.py
    rule_id: Mapped[int | None]  # the rule of assignment that gave it to somebody or put it into a pool
    customer_id: Mapped[int | None] = mapped_column(ForeignKey(Customer.id, ondelete="SET NULL"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey(Contact.id, ondelete="SET NULL"))
    opportunity_id: Mapped[int | None] = mapped_column(ForeignKey(Opportunity.id, ondelete="SET NULL"))
    name_key: Mapped[str]  # derived from the name in every write


class LeadConversion(Model):
    """What became of a lead: `made` and `attached` are {type of record: id}, of what the conversion created and of
    what was there before. What happens to them after `event_id` is somebody's work."""

    __tablename__ = "lead_conversions"
    __table_args__ = (Index("ix_lead_conversions_lead", "lead_id", "id"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey(Lead.id, ondelete="CASCADE"))
    converted_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    actor_id: Mapped[int | None]
    status_before: Mapped[str]
    made: Mapped[dict[str, int]] = mapped_column(JSONB, default=dict)
    attached: Mapped[dict[str, int]] = mapped_column(JSONB, default=dict)
    event_id: Mapped[int]
    undone_at: Mapped[dt.datetime | None]
    undone_by_id: Mapped[int | None]


class LeadStatus(Model):
    """Every status a lead has been in, from its first day: what conversion by source and by rep is counted from.

    `owner_id` and `source` are the lead's when it came into the status; of one without an owner, of whoever took it
    while it was in it.
    """

    __tablename__ = "lead_statuses"
    __table_args__ = (
        Index("ix_lead_statuses_lead", "lead_id", "entered_at"),
        Index("ix_lead_statuses_status", "status", "entered_at"),
        Index("ix_lead_statuses_owner", "owner_id", "status", "entered_at"),
        Index("ix_lead_statuses_source", "source", "status", "entered_at"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey(Lead.id, ondelete="CASCADE"))
    status: Mapped[str]
    entered_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    left_at: Mapped[dt.datetime | None]
    actor_id: Mapped[int | None]
    owner_id: Mapped[int | None]
    source: Mapped[str | None]
