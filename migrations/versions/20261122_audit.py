"""The audit log is read by time."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_events_occurred", "events", ["occurred_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_events_occurred", "events")
