"""Opportunities, the pipelines they go through, and one pipeline to begin with."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm.domain.people.seeding import allow
from crm.domain.records import tables

revision = "0032"
down_revision = "0030"
branch_labels = None
depends_on = None

_MOMENT, _NOW = sa.DateTime(timezone=True), sa.text("now()")
_THERE = "deleted_at IS NULL"
_OPEN = f"{_THERE} AND closed_at IS NULL"
# (key, English, Chinese, kind, probability, rotting days, position)
_STAGES = (
    ("contacted", "First contact", "初步接触", "open", 10, 14, 1),
    ("needs", "Needs clear", "需求确认", "open", 25, 21, 2),
    ("proposal", "Proposal", "方案报价", "open", 50, 21, 3),
    ("negotiation", "Negotiation", "商务谈判", "open", 75, 14, 4),
    ("won", "Won", "赢单", "won", 100, None, 1_000_001),
    ("lost", "Lost", "输单", "lost", 0, None, 2_000_001),
)


def upgrade() -> None:
    _pipelines()
    _opportunities()
    _belongings()
    allow(op, ["opportunities"])


def _pipelines() -> None:
    pipelines = op.create_table(
        "pipelines",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("label", postgresql.JSONB(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("retired_at", _MOMENT),
        sa.Column("created_at", _MOMENT, server_default=_NOW, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pipelines")),
        sa.UniqueConstraint("key", name=op.f("uq_pipelines_key")),
    )
    stages = op.create_table(
        "stages",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("pipeline_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("label", postgresql.JSONB(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("probability", sa.BigInteger(), nullable=False),
        sa.Column("rotting_days", sa.BigInteger()),
        sa.Column("required", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("retired_at", _MOMENT),
        sa.Column("created_at", _MOMENT, server_default=_NOW, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stages")),
        sa.UniqueConstraint("key", name=op.f("uq_stages_key")),
        sa.ForeignKeyConstraint(["pipeline_id"], ["pipelines.id"], name=op.f("fk_stages_pipeline_id")),
    )
    op.create_index("ix_stages_pipeline", "stages", ["pipeline_id"])
    op.bulk_insert(pipelines, [{"key": "sales", "label": {"en": "Sales", "zh_CN": "销售流程"}, "position": 1}])
    sales = op.get_bind().scalar(sa.text("SELECT id FROM pipelines WHERE key = 'sales'"))
    op.bulk_insert(
        stages,
        [
            {
                "pipeline_id": sales,
                "key": key,
                "label": {"en": english, "zh_CN": chinese},
                "kind": kind,
                "probability": probability,
                "rotting_days": rotting,
                "required": [],
                "position": position,
            }
            for key, english, chinese, kind, probability, rotting, position in _STAGES
        ],
    )


def _opportunities() -> None:
    table = "opportunities"
    tables.make(
        op,
        table,
        sa.Column("customer_id", sa.BigInteger()),
        sa.Column("pipeline", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric()),
        sa.Column("closes_on", sa.Date()),
        sa.Column("competitors", sa.Text()),
        sa.Column("lost_reason", sa.Text()),
        sa.Column("source", sa.Text()),
        sa.Column("remarks", sa.Text()),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("stage_rank", sa.BigInteger(), nullable=False),
        sa.Column("stage_since", _MOMENT, nullable=False),
        sa.Column("place", sa.Text(collation="C"), nullable=False),
        sa.Column("closed_at", _MOMENT),
        sa.Column("line_count", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        links={"customer_id": "customers"},
    )
    for column, to in (("pipeline", "pipelines"), ("stage", "stages")):
        op.create_foreign_key(op.f(f"fk_opportunities_{column}"), table, to, [column], ["key"])
    op.create_index("ix_opportunities_name_key", table, ["name_key"])
    for name, whose in (("", []), ("owner_", ["owner_id"]), ("department_", ["department_id"])):
        op.create_index(
            f"ix_opportunities_{name}board",
            table,
            [*whose, "stage", "place", "id"],
            postgresql_include=["amount"],
            postgresql_where=sa.text(_OPEN),
        )
    op.create_index(
        "ix_opportunities_ended",
        table,
        ["stage", sa.text("closed_at DESC"), sa.text("id DESC")],
        postgresql_include=["amount"],
        postgresql_where=sa.text(f"{_THERE} AND closed_at IS NOT NULL"),
    )
    for column in ("stage_rank", "stage_since"):
        op.create_index(f"ix_opportunities_{column}", table, [column, "id"], postgresql_where=sa.text(_THERE))
    for column in ("amount", "closes_on", "closed_at"):
        where = sa.text(f"{_THERE} AND {column} IS NOT NULL")
        op.create_index(f"ix_opportunities_{column}", table, [column, "id"], postgresql_where=where)


def _belongings() -> None:
    big = sa.BigInteger()

    def of(column: str, table: str, name: str) -> sa.ForeignKeyConstraint:
        return sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_{name}_{column}"), ondelete="CASCADE")

    op.create_table(
        "opportunity_stages",
        sa.Column("id", big, sa.Identity(), nullable=False),
        sa.Column("opportunity_id", big, nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("entered_at", _MOMENT, nullable=False),
        sa.Column("left_at", _MOMENT),
        sa.Column("actor_id", big),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opportunity_stages")),
        of("opportunity_id", "opportunities", "opportunity_stages"),
    )
    op.create_index("ix_opportunity_stages_opportunity", "opportunity_stages", ["opportunity_id", "entered_at", "id"])
    op.create_table(
        "opportunity_contacts",
        sa.Column("opportunity_id", big, nullable=False),
        sa.Column("contact_id", big, nullable=False),
        sa.Column("role", sa.Text()),
        sa.Column("added_at", _MOMENT, server_default=_NOW, nullable=False),
        sa.PrimaryKeyConstraint("opportunity_id", "contact_id", name=op.f("pk_opportunity_contacts")),
        of("opportunity_id", "opportunities", "opportunity_contacts"),
        of("contact_id", "contacts", "opportunity_contacts"),
    )
    op.create_index("ix_opportunity_contacts_contact", "opportunity_contacts", ["contact_id"])
    op.create_table(
        "opportunity_lines",
        sa.Column("id", big, sa.Identity(), nullable=False),
        sa.Column("opportunity_id", big, nullable=False),
        sa.Column("product_id", big),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Numeric(), nullable=False),
        sa.Column("price", sa.Numeric(), nullable=False),
        sa.Column("discount", sa.Numeric(), nullable=False),
        sa.Column("amount", sa.Numeric(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opportunity_lines")),
        of("opportunity_id", "opportunities", "opportunity_lines"),
    )
    op.create_index("ix_opportunity_lines_opportunity", "opportunity_lines", ["opportunity_id", "id"])


def downgrade() -> None:
    for table in ("opportunity_lines", "opportunity_contacts", "opportunity_stages"):
        op.drop_table(table)
    tables.drop(op, "opportunities")
    op.drop_table("stages")
    op.drop_table("pipelines")
