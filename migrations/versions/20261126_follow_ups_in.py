"""Whoever brings records in may bring in what was said of them."""

from alembic import op

from crm.domain.people.seeding import allow
from crm.kernel.permissions import Permission

revision = "0054"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    allow(op, (), (Permission.FOLLOW_UPS_IMPORT,))


def downgrade() -> None:
    op.execute("UPDATE roles SET reach = reach - 'follow_ups:import'")
