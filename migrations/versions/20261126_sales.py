"""What is shown because a rule says so is told from what somebody has shared: a ticket that needs sales changes hands."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("shares", sa.Column("follows", sa.Text()))
    op.execute(
        "UPDATE shares SET follows = 'sales' FROM tickets JOIN tasks ON tasks.id = tickets.sales_task_id"
        " WHERE shares.subject_type = 'tickets' AND shares.subject_id = tickets.id"
        " AND shares.person_id = tasks.owner_id AND shares.created_by_id IS DISTINCT FROM shares.person_id"
    )


def downgrade() -> None:
    op.drop_column("shares", "follows")
