"""When somebody wrote follow-ups is found by one range of an index."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_follow_ups_author_id", "follow_ups")
    op.create_index(
        "ix_follow_ups_author", "follow_ups", ["author_id", "happened_at"], postgresql_where=sa.text("deleted_at IS NULL")
    )


def downgrade() -> None:
    op.drop_index("ix_follow_ups_author", "follow_ups")
    op.create_index("ix_follow_ups_author_id", "follow_ups", ["author_id"])
