"""Follow-ups are found by what was written in them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm.domain.timeline.renewal import renew

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The empty default rewrites nothing; the index is made after the values, which is several times quicker.
    empty = sa.Column("search", postgresql.TSVECTOR(), server_default=sa.text("''"), nullable=False)
    op.add_column("follow_ups", empty)
    renew(op.get_bind())
    op.alter_column("follow_ups", "search", server_default=None)
    op.create_index(
        "ix_follow_ups_search",
        "follow_ups",
        ["search"],
        postgresql_using="gin",
        postgresql_where=sa.text("deleted_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_follow_ups_search", "follow_ups")
    op.drop_column("follow_ups", "search")
