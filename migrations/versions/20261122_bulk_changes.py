"""Changes of many records at once."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_SUM = "changed + unchanged + denied + refused + gone"


def upgrade() -> None:
    op.create_table(
        "bulk_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("asked", postgresql.JSONB(), nullable=False),
        sa.Column("values", postgresql.JSONB(), nullable=False),
        sa.Column("undo_of_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("problem", postgresql.JSONB(), nullable=True),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("unchanged", sa.BigInteger(), nullable=False),
        sa.Column("denied", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.Column("gone", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("progressed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            f"CASE WHEN state = 'done' THEN total = {_SUM} ELSE coalesce(total, 0) >= {_SUM} END",
            name=op.f("ck_bulk_changes_adds_up"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_changes")),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("fk_bulk_changes_owner_id")),
        sa.ForeignKeyConstraint(["undo_of_id"], ["bulk_changes.id"], name=op.f("fk_bulk_changes_undo_of_id")),
        sa.UniqueConstraint("undo_of_id", name=op.f("uq_bulk_changes_undo_of_id")),
    )
    op.create_index(
        "ix_bulk_changes_running", "bulk_changes", ["id"], postgresql_where=sa.text("state = 'running'")
    )
    op.create_index("ix_bulk_changes_owner", "bulk_changes", ["owner_id", "id"])
    op.create_table(
        "bulk_items",
        sa.Column("bulk_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=True),
        sa.Column("problem", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("bulk_id", "record_id", name=op.f("pk_bulk_items")),
    )
    op.create_index(
        "ix_bulk_items_waiting", "bulk_items", ["bulk_id", "record_id"], postgresql_where=sa.text("outcome IS NULL")
    )
    op.create_index("ix_bulk_items_outcome", "bulk_items", ["bulk_id", "outcome", "record_id"])


def downgrade() -> None:
    op.drop_table("bulk_items")
    op.drop_table("bulk_changes")
