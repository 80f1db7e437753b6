"""Changes of sensitive fields wait for a second person."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_MAY = {"administrator": "ALL", "sales_manager": "BRANCH"}


def upgrade() -> None:
    op.create_table(
        "pending_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.Column("after", postgresql.JSONB(), nullable=True),
        sa.Column("import_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_changes")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["people.id"], name=op.f("fk_pending_changes_asked_by_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["people.id"], name=op.f("fk_pending_changes_decided_by_id")),
    )
    asked, filed = sa.text("state = 'asked'"), sa.text("import_id IS NOT NULL")
    op.create_index(
        "ix_pending_changes_subject", "pending_changes", ["subject_type", "subject_id"], postgresql_where=asked
    )
    op.create_index("ix_pending_changes_asked", "pending_changes", ["subject_type", "id"], postgresql_where=asked)
    op.create_index("ix_pending_changes_import", "pending_changes", ["import_id"], postgresql_where=filed)
    for table in ("field_definitions", "field_overrides"):
        op.add_column(table, sa.Column("sensitive", sa.Boolean(), server_default=sa.false(), nullable=False))
        op.alter_column(table, "sensitive", server_default=None)
    _bulk_outcomes("changed + unchanged + denied + refused + waiting + gone")
    for role, reach in _MAY.items():
        op.execute(
            f"""UPDATE roles SET reach = reach || '{{"customers:confirm": "{reach}"}}'"""
            f" WHERE key = '{role}' AND NOT reach ? 'customers:confirm'"
        )
    op.execute("UPDATE shape SET version = nextval('shape_versions')")


def _bulk_outcomes(total: str) -> None:
    op.add_column("bulk_changes", sa.Column("waiting", sa.BigInteger(), server_default="0", nullable=False))
    op.alter_column("bulk_changes", "waiting", server_default=None)
    op.drop_constraint(op.f("ck_bulk_changes_adds_up"), "bulk_changes")
    rule = f"CASE WHEN state = 'done' THEN total = {total} ELSE coalesce(total, 0) >= {total} END"
    op.create_check_constraint(op.f("ck_bulk_changes_adds_up"), "bulk_changes", rule)


def downgrade() -> None:
    op.drop_constraint(op.f("ck_bulk_changes_adds_up"), "bulk_changes")
    op.drop_column("bulk_changes", "waiting")
    total = "changed + unchanged + denied + refused + gone"
    rule = f"CASE WHEN state = 'done' THEN total = {total} ELSE coalesce(total, 0) >= {total} END"
    op.create_check_constraint(op.f("ck_bulk_changes_adds_up"), "bulk_changes", rule)
    for table in ("field_definitions", "field_overrides"):
        op.drop_column(table, "sensitive")
    op.drop_table("pending_changes")
