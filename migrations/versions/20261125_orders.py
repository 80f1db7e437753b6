"""Products, orders, what customers are worth by them, scores, goals."""

import sqlalchemy as sa
from alembic import op

from crm.domain.people.seeding import allow
from crm.domain.records import tables
from crm.kernel.permissions import Permission

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_COUNTS = "deleted_at IS NULL AND status NOT IN ('cancelled', 'returned')"
_SORTED = ("order_count", "order_total", "order_average", "first_order_on", "last_order_on")
_SCORED = ("rfm_recency", "rfm_frequency", "rfm_monetary", "rfm_segment")


def upgrade() -> None:
    _products()
    _orders()
    _values()
    _scores()
    _goals()
    allow(op, ["products", "orders"], (Permission.GOALS_READ, Permission.GOALS_SET))


def _products() -> None:
    tables.make(
        op,
        "products",
        sa.Column("code", sa.Text()),
        sa.Column("category", sa.Text()),
        sa.Column("unit", sa.Text()),
        sa.Column("price", sa.Numeric(16, 2)),
        sa.Column("on_sale", sa.Boolean(), nullable=False),
        sa.Column("description", sa.Text()),
        sa.Column("name_key", sa.Text(), nullable=False),
    )
    op.create_index("ix_products_name_key", "products", ["name_key"])
    op.create_index("uq_products_code", "products", ["code"], unique=True, postgresql_where=sa.text("code IS NOT NULL"))


def _orders() -> None:
    tables.make(
        op,
        "orders",
        sa.Column("customer_id", sa.BigInteger()),
        sa.Column("external_number", sa.Text()),
        sa.Column("external_source", sa.Text()),
        sa.Column("ordered_on", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(16, 2), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("remarks", sa.Text()),
        links={"customer_id": "customers"},
    )
    there = sa.text("deleted_at IS NULL")
    op.create_index("ix_orders_ordered_on", "orders", ["ordered_on", "id"], postgresql_where=there)
    op.create_index("ix_orders_amount", "orders", ["amount", "id"], postgresql_where=there)
    op.create_index(
        "uq_orders_external",
        "orders",
        ["external_number", sa.text("coalesce(external_source, '')")],
        unique=True,
        postgresql_where=sa.text("external_number IS NOT NULL"),
    )
    op.create_index(
        "ix_orders_counted",
        "orders",
        ["ordered_on"],
        postgresql_include=["owner_id", "department_id", "currency", "amount"],
        postgresql_where=sa.text(_COUNTS),
    )
    op.create_table(
        "order_lines",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger()),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Numeric(14, 3), nullable=False),
        sa.Column("price", sa.Numeric(16, 2), nullable=False),
        sa.Column("amount", sa.Numeric(16, 2), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_lines")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_lines_order_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_order_lines_product_id"), ondelete="SET NULL"
        ),
    )
    op.create_index("ix_order_lines_order", "order_lines", ["order_id", "position"])
    op.create_index(
        "ix_order_lines_product", "order_lines", ["product_id"], postgresql_where=sa.text("product_id IS NOT NULL")
    )


def _values() -> None:
    op.create_table(
        "customer_values",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("order_count", sa.Numeric(12, 0), server_default=sa.text("0"), nullable=False),
        sa.Column("order_total", sa.Numeric(16, 2), server_default=sa.text("0"), nullable=False),
        sa.Column("order_average", sa.Numeric(16, 2)),
        sa.Column("first_order_on", sa.Date()),
        sa.Column("last_order_on", sa.Date()),
        sa.Column("rfm_recency", sa.Numeric(1, 0)),
        sa.Column("rfm_frequency", sa.Numeric(1, 0)),
        sa.Column("rfm_monetary", sa.Numeric(1, 0)),
        sa.Column("rfm_segment", sa.Text()),
        sa.Column("level_given", sa.Text()),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customer_values")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_values_customer_id"), ondelete="CASCADE"
        ),
    )
    for name in (*_SORTED, *_SCORED):
        narrowed = {"postgresql_where": sa.text(f"{name} IS NOT NULL")} if name in _SCORED else {}
        op.create_index(f"ix_customer_values_{name}", "customer_values", [name, "customer_id"], **narrowed)


def _scores() -> None:
    op.create_table(
        "rfm_rules",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rules", sa.dialects.postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rfm_rules")),
    )
    op.create_table(
        "rfm_runs",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger()),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("rules", sa.dialects.postgresql.JSONB(), nullable=False),
        sa.Column("analysed_on", sa.Date(), nullable=False),
        sa.Column("limits", sa.dialects.postgresql.JSONB()),
        sa.Column("upto", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("last", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("scored", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("levelled", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rfm_runs")),
    )
    op.create_index("ix_rfm_runs_waiting", "rfm_runs", ["id"], postgresql_where=sa.text("finished_at IS NULL"))


def _goals() -> None:
    op.create_table(
        "goals",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("person_id", sa.BigInteger()),
        sa.Column("department_id", sa.BigInteger()),
        sa.Column("target", sa.Numeric(16, 2), nullable=False),
        sa.Column("set_by_id", sa.BigInteger()),
        sa.Column("set_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goals")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_goals_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["department_id"], ["departments.id"], name=op.f("fk_goals_department_id"), ondelete="CASCADE"
        ),
        sa.CheckConstraint("target > 0", name=op.f("ck_goals_target")),
        sa.CheckConstraint("person_id IS NULL OR department_id IS NULL", name=op.f("ck_goals_whose")),
    )
    whose = [sa.text("coalesce(person_id, 0)"), sa.text("coalesce(department_id, 0)")]
    op.create_index("uq_goals_one", "goals", ["period", "starts_on", "measure", *whose], unique=True)
    # How many of any stretch of days, whoever's: read from the index alone, which is no more work to keep than before.
    op.drop_index("ix_customers_created", "customers")
    op.create_index(
        "ix_customers_created",
        "customers",
        ["created_at", "id"],
        postgresql_include=["owner_id", "department_id"],
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    _count_won(["stage", "owner_id", "department_id", "amount"])
    op.create_index(
        "ix_follow_ups_written",
        "follow_ups",
        ["happened_at"],
        postgresql_include=["author_id"],
        postgresql_where=sa.text("deleted_at IS NULL"),
    )


def _count_won(told: list[str] | None) -> None:
    op.drop_index("ix_opportunities_closed_at", "opportunities")
    op.create_index(
        "ix_opportunities_closed_at",
        "opportunities",
        ["closed_at", "id"],
        postgresql_include=told,
        postgresql_where=sa.text("deleted_at IS NULL AND closed_at IS NOT NULL"),
    )


def downgrade() -> None:
    _count_won(None)
    op.drop_index("ix_follow_ups_written", "follow_ups")
    op.drop_index("ix_customers_created", "customers")
    op.create_index(
        "ix_customers_created", "customers", ["created_at", "id"], postgresql_where=sa.text("deleted_at IS NULL")
    )
    for table in ("goals", "rfm_runs", "rfm_rules", "customer_values", "order_lines"):
        op.drop_table(table)
    tables.drop(op, "orders")
    tables.drop(op, "products")
