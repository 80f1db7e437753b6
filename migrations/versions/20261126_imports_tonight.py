"""Imports that are to run at a time."""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("imports", sa.Column("starts_at", sa.DateTime(timezone=True)))
    where = sa.text("state = 'checked' AND starts_at IS NOT NULL")
    op.create_index("ix_imports_starts", "imports", ["starts_at"], postgresql_where=where)


def downgrade() -> None:
    op.drop_index("ix_imports_starts", "imports")
    op.drop_column("imports", "starts_at")
