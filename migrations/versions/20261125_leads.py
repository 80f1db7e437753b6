"""Leads: with the history of their status, rules of scoring and assignment, and what they were converted into."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm.domain.people.seeding import allow
from crm.domain.records import tables

revision = "0031"
down_revision = "0032"
branch_labels = None
depends_on = None

_BIG, _MOMENT, _NOW = sa.BigInteger(), sa.DateTime(timezone=True), sa.text("now()")
_JSON = postgresql.JSONB()
_THERE = "deleted_at IS NULL"


def _texts(*names: str) -> list[sa.Column]:
    return [sa.Column(name, sa.Text()) for name in names]


def upgrade() -> None:
    tables.make(
        op,
        "leads",
        *_texts("company", "position", "phone", "phone_original", "email", "wecom", "website"),
        sa.Column("status", sa.Text(), nullable=False),
        *_texts("discard_reason", "discard_text", "source", "campaign", "industry_code", "region_code"),
        sa.Column("expected_amount", sa.Numeric(16, 2)),
        sa.Column("remarks", sa.Text()),
        sa.Column("score", _BIG, server_default=sa.text("0"), nullable=False),
        sa.Column("rule_id", _BIG),
        sa.Column("customer_id", _BIG),
        sa.Column("contact_id", _BIG),
        sa.Column("opportunity_id", _BIG),
        sa.Column("name_key", sa.Text(), nullable=False),
        links={"customer_id": "customers", "contact_id": "contacts", "opportunity_id": "opportunities"},
    )
    _indexes()
    _history()
    _rules()
    allow(op, ["leads"])


def _indexes() -> None:
    def index(name: str, columns: list, where: str = "") -> None:
        op.create_index(f"ix_leads_{name}", "leads", columns, **({"postgresql_where": sa.text(where)} if where else {}))

    newest = [sa.text("updated_at DESC"), sa.text("id DESC")]
    index("name_key", ["name_key"])
    index("status", ["status", *newest], _THERE)
    tables.pooled(op, "leads")
    index("open", ["owner_id"], f"status IN ('new', 'contacted', 'qualified') AND {_THERE}")
    index("score", ["score", "id"], _THERE)
    index("amount", ["expected_amount", "id"], f"{_THERE} AND expected_amount IS NOT NULL")
    for column in ("industry_code", "region_code"):
        index(column.removesuffix("_code"), [column], f"{column} IS NOT NULL")


def _history() -> None:
    def cascading(table: str) -> sa.ForeignKeyConstraint:
        return sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f(f"fk_{table}_lead_id"), ondelete="CASCADE")

    op.create_table(
        "lead_statuses",
        sa.Column("id", _BIG, sa.Identity(), nullable=False),
        sa.Column("lead_id", _BIG, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("entered_at", _MOMENT, server_default=_NOW, nullable=False),
        sa.Column("left_at", _MOMENT),
        sa.Column("actor_id", _BIG),
        sa.Column("owner_id", _BIG),
        sa.Column("source", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_statuses")),
        cascading("lead_statuses"),
    )
    op.create_index("ix_lead_statuses_lead", "lead_statuses", ["lead_id", "entered_at"])
    op.create_index("ix_lead_statuses_status", "lead_statuses", ["status", "entered_at"])
    op.create_index("ix_lead_statuses_owner", "lead_statuses", ["owner_id", "status", "entered_at"])
    op.create_index("ix_lead_statuses_source", "lead_statuses", ["source", "status", "entered_at"])
    op.create_table(
        "lead_conversions",
        sa.Column("id", _BIG, sa.Identity(), nullable=False),
        sa.Column("lead_id", _BIG, nullable=False),
        sa.Column("converted_at", _MOMENT, server_default=_NOW, nullable=False),
        sa.Column("actor_id", _BIG),
        sa.Column("status_before", sa.Text(), nullable=False),
        sa.Column("made", _JSON, nullable=False),
        sa.Column("attached", _JSON, nullable=False),
        sa.Column("event_id", _BIG, nullable=False),
        sa.Column("undone_at", _MOMENT),
        sa.Column("undone_by_id", _BIG),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_conversions")),
        cascading("lead_conversions"),
    )
    op.create_index("ix_lead_conversions_lead", "lead_conversions", ["lead_id", "id"])


def _rules() -> None:
    op.create_table(
        "lead_score_rules",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("points", _BIG, nullable=False),
        sa.CheckConstraint("points BETWEEN -100 AND 100 AND points <> 0", name=op.f("ck_lead_score_rules_points")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_score_rules")),
    )
    op.create_table(
        "lead_score_runs",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("asked_by_id", _BIG),
        sa.Column("asked_at", _MOMENT, server_default=_NOW, nullable=False),
        sa.Column("total", _BIG),
        sa.Column("done", _BIG, server_default=sa.text("0"), nullable=False),
        sa.Column("after_id", _BIG, server_default=sa.text("0"), nullable=False),
        sa.Column("finished_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_score_runs")),
    )
    op.create_table(
        "lead_assignment_rules",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", _BIG, nullable=False),
        sa.Column("conditions", _JSON, nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("people", _JSON, nullable=False),
        sa.Column("department_id", _BIG),
        sa.Column("turn", _BIG, server_default=sa.text("0"), nullable=False),
        sa.Column("retired_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_assignment_rules")),
    )


def downgrade() -> None:
    for table in ("lead_assignment_rules", "lead_score_runs", "lead_score_rules", "lead_conversions", "lead_statuses"):
        op.drop_table(table)
    tables.drop(op, "leads")
