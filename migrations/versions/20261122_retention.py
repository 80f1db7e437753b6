"""Administrators say how long deleted records are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "retention",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("bin_days", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("bin_days > 0", name=op.f("ck_retention_bin_days")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention")),
    )


def downgrade() -> None:
    op.drop_table("retention")
