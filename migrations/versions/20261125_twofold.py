"""Characters that may stand for another one are found by it: what is searched of such names is made anew."""

from alembic import op

from crm.domain.customers.renewal import renew
from crm.kernel.text.script import TWOFOLD

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    renew(op.get_bind(), TWOFOLD.pattern)


def downgrade() -> None:
    """What is derived is made anew by the release that asks for it."""
