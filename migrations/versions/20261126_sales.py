"""What is shown because a rule says so is told from what somebody has shared: a ticket that needs sales changes hands.

Of two who edit a type, a category or a macro of tickets the second is told.
"""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0046"
branch_labels = None
depends_on = None
_EDITED = ("ticket_topics", "ticket_macros")


def upgrade() -> None:
    op.add_column("shares", sa.Column("follows", sa.Text()))
    op.execute(
        "UPDATE shares SET follows = 'sales' FROM tickets JOIN tasks ON tasks.id = tickets.sales_task_id"
        " WHERE shares.subject_type = 'tickets' AND shares.subject_id = tickets.id"
        " AND shares.person_id = tasks.owner_id AND shares.created_by_id IS DISTINCT FROM shares.person_id"
    )
    for table in _EDITED:
        op.add_column(table, sa.Column("version", sa.BigInteger(), server_default="1", nullable=False))


def downgrade() -> None:
    for table in _EDITED:
        op.drop_column(table, "version")
    op.drop_column("shares", "follows")
