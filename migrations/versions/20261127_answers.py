"""Pages of answers and of what became of entries are read from an index, however many there are."""

import sqlalchemy as sa
from alembic import op

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_intake_entries_outcome", "intake_entries", ["form_id", "outcome", "id"])
    op.create_index(
        "ix_satisfaction_surveys_answered",
        "satisfaction_surveys",
        [sa.text("answered_at DESC"), sa.text("id DESC")],
        postgresql_where=sa.text("answered_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_satisfaction_surveys_answered", "satisfaction_surveys")
    op.drop_index("ix_intake_entries_outcome", "intake_entries")
