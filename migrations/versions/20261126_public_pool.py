"""Customers without an owner lie in pools; the rules of these, and what is kept of each customer for them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm.domain.records import tables

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_MOMENT, _BIG = sa.DateTime(timezone=True), sa.BigInteger()


def upgrade() -> None:
    tables.pooled(op, "customers")
    op.create_index(
        "ix_customers_quiet",
        "customers",
        ["department_id", sa.text("greatest(created_at, last_follow_up_at)"), "id"],
        postgresql_where=sa.text("deleted_at IS NULL AND owner_id IS NOT NULL"),
    )
    op.create_table(
        "pool_rules",
        sa.Column("id", _BIG, sa.Identity(), nullable=False),
        sa.Column("department_id", _BIG),
        sa.Column("rule", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool_rules")),
        sa.ForeignKeyConstraint(["department_id"], ["departments.id"], name=op.f("fk_pool_rules_department_id")),
    )
    op.create_index("uq_pool_rules_department", "pool_rules", [sa.text("coalesce(department_id, 0)")], unique=True)
    op.create_table(
        "customer_holds",
        sa.Column("customer_id", _BIG, nullable=False),
        sa.Column("owner_since", _MOMENT),
        sa.Column("warned_at", _MOMENT),
        sa.Column("former_owner_id", _BIG),
        sa.Column("left_at", _MOMENT),
        sa.Column("protected_until", sa.Date()),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customer_holds")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_holds_customer_id"), ondelete="CASCADE"
        ),
    )
    op.create_table(
        "customer_claims",
        sa.Column("id", _BIG, sa.Identity(), nullable=False),
        sa.Column("person_id", _BIG, nullable=False),
        sa.Column("customer_id", _BIG, nullable=False),
        sa.Column("claimed_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_claims")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_customer_claims_person_id")),
    )
    op.create_index("ix_customer_claims_person", "customer_claims", ["person_id", "claimed_at"])
    _runs()


def _runs() -> None:
    op.create_table(
        "pool_runs",
        sa.Column("id", _BIG, sa.Identity(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("begun_at", _MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", _MOMENT),
        sa.Column("total", _BIG),
        sa.Column("returned", _BIG, server_default=sa.text("0"), nullable=False),
        sa.Column("warned", _BIG, server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool_runs")),
        sa.UniqueConstraint("day", name=op.f("uq_pool_runs_day")),
    )
    op.create_index("ix_pool_runs_waiting", "pool_runs", ["id"], postgresql_where=sa.text("finished_at IS NULL"))
    op.create_table(
        "pool_run_items",
        sa.Column("run_id", _BIG, nullable=False),
        sa.Column("customer_id", _BIG, nullable=False),
        sa.Column("deed", sa.Text(), nullable=False),
        sa.Column("done", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "customer_id", name=op.f("pk_pool_run_items")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["pool_runs.id"], name=op.f("fk_pool_run_items_run_id"), ondelete="CASCADE"
        ),
    )
    op.create_index(
        "ix_pool_run_items_waiting", "pool_run_items", ["run_id", "customer_id"], postgresql_where=sa.text("NOT done")
    )


def downgrade() -> None:
    for table in ("pool_run_items", "pool_runs", "customer_claims", "customer_holds", "pool_rules"):
        op.drop_table(table)
    op.drop_index("ix_customers_quiet", "customers")
    op.execute("DROP STATISTICS customers_pools")
    op.drop_index("ix_customers_pool_of_all", "customers")
    op.drop_index("ix_customers_pool", "customers")
