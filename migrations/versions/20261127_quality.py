"""How full, valid and fresh records are, counted each night."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quality_settings",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("stale_days", sa.SmallInteger, nullable=False, server_default=sa.text("30")),
        sa.Column("fields", JSONB, nullable=False, server_default=sa.text("'{}'")),
        sa.Column("remind_weekday", sa.SmallInteger),
        sa.Column("remind_hour", sa.SmallInteger, nullable=False, server_default=sa.text("8")),
        sa.Column("reminded_on", sa.Date),
        sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
    )
    op.execute("INSERT INTO quality_settings (id) VALUES (1)")
    op.create_table(
        "quality_days",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("record_type", sa.String, primary_key=True),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stale_days", sa.SmallInteger, nullable=False),
    )
    op.create_table(
        "quality_counts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("record_type", sa.String, nullable=False),
        sa.Column("department_id", sa.Integer),
        sa.Column("owner_id", sa.Integer),
        sa.Column("records", sa.Integer, nullable=False),
        sa.Column("counts", JSONB, nullable=False),
    )
    columns = ["record_type", "day", "department_id", "owner_id"]
    op.create_index("uq_quality_counts", "quality_counts", columns, unique=True)
    op.create_index("ix_quality_counts_owner", "quality_counts", ["owner_id", "record_type", "day"])


def downgrade() -> None:
    for table in ("quality_counts", "quality_days", "quality_settings"):
        op.drop_table(table)
