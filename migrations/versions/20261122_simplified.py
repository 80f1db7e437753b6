"""Names in traditional characters are searched and sorted in simplified ones: their derived columns are made anew."""

from alembic import op

from crm.domain.customers.renewal import renew
from crm.kernel.text.script import TRADITIONAL

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    renew(op.get_bind(), TRADITIONAL.pattern)


def downgrade() -> None:
    """What is derived is made anew by the release that asks for it."""
