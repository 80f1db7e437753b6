"""An index for what hangs below a customer: without it every customer that is removed costs a walk over all."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_customers_parent", "customers", ["parent_id"], postgresql_where=sa.text("parent_id IS NOT NULL")
    )


def downgrade() -> None:
    op.drop_index("ix_customers_parent", "customers")
