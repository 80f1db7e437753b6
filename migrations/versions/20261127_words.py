"""How much may wait to be merged into an index of words is said by each connection, since an import lets more wait."""

from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None

TABLES = ("customers", "contacts", "leads", "opportunities", "tasks", "orders", "products", "follow_ups", "tickets")


def upgrade() -> None:
    for each in TABLES:
        op.execute(f"ALTER INDEX ix_{each}_search RESET (gin_pending_list_limit)")


def downgrade() -> None:
    for each in TABLES:
        op.execute(f"ALTER INDEX ix_{each}_search SET (gin_pending_list_limit = 256)")
