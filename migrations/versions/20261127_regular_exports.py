"""Exports that come by themselves."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "regular_exports",
        sa.Column("id", sa.Integer, sa.Identity(), primary_key=True),
        sa.Column("owner_id", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("record_type", sa.String, nullable=False),
        sa.Column("asked", JSONB, nullable=False),
        sa.Column("fields", ARRAY(sa.Text), nullable=False),
        sa.Column("names", sa.String, nullable=False),
        sa.Column("format", sa.String, nullable=False),
        sa.Column("every", sa.String, nullable=False),
        sa.Column("on_day", sa.SmallInteger, nullable=False),
        sa.Column("hour", sa.SmallInteger, nullable=False),
        sa.Column("kept", sa.SmallInteger, nullable=False),
        sa.Column("next_at", moment, nullable=False),
        sa.Column("last_at", moment),
        sa.Column("failures", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("problem", JSONB),
        sa.Column("paused", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column("created_at", moment, nullable=False, server_default=sa.text("now()")),
        sa.Column("deleted_at", moment),
    )
    due, there = sa.text("deleted_at IS NULL AND NOT paused"), sa.text("deleted_at IS NULL")
    op.create_index("ix_regular_exports_due", "regular_exports", ["next_at"], postgresql_where=due)
    op.create_index("ix_regular_exports_own", "regular_exports", ["owner_id"], postgresql_where=there)
    op.add_column("exports", sa.Column("regular_id", sa.Integer))
    of = sa.text("regular_id IS NOT NULL")
    op.create_index("ix_exports_regular", "exports", ["regular_id", "id"], postgresql_where=of)


def downgrade() -> None:
    op.drop_index("ix_exports_regular", "exports")
    op.drop_column("exports", "regular_id")
    op.drop_table("regular_exports")
