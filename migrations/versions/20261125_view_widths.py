"""Saved views keep how wide their columns are, and a person what they have drawn in one."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, column in (("saved_views", "widths"), ("list_columns", "in_views")):
        kept = sa.Column(column, postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False)
        op.add_column(table, kept)


def downgrade() -> None:
    op.drop_column("list_columns", "in_views")
    op.drop_column("saved_views", "widths")
