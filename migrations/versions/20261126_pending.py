"""What has just been written is merged into the indexes of words sooner, so that a search does not read it row by row."""

from alembic import op

from crm.domain.records import tables

revision = "0042"
down_revision = "0039"
branch_labels = None
depends_on = None

TABLES = ("customers", "contacts", "leads", "opportunities", "tasks", "orders", "products", "follow_ups")


def upgrade() -> None:
    for each in TABLES:
        tables.searched_while_written(op, each)


def downgrade() -> None:
    for each in TABLES:
        op.execute(f"ALTER INDEX ix_{each}_search RESET (gin_pending_list_limit)")
