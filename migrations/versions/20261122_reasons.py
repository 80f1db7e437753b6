"""Why something was done, as whoever did it said."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("events", sa.Column("reason", sa.Text(), nullable=True))
    op.add_column("bulk_changes", sa.Column("reason", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("bulk_changes", "reason")
    op.drop_column("events", "reason")
