"""The report of a month is kept."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0077"
down_revision = "0076"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "system_months",
        sa.Column("month", sa.Date, primary_key=True),
        sa.Column("told", JSONB, nullable=False),
        sa.Column("counted_at", _MOMENT, nullable=False),
        sa.Column("closed_at", _MOMENT),
    )


def downgrade() -> None:
    op.drop_table("system_months")
