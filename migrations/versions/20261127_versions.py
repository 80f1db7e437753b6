"""Of two administrators who change one promise or one public form at the same time the second is told."""

import sqlalchemy as sa
from alembic import op

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

TABLES = ("sla_policies", "intake_forms")


def upgrade() -> None:
    for each in TABLES:
        op.add_column(each, sa.Column("version", sa.BigInteger, nullable=False, server_default=sa.text("0")))


def downgrade() -> None:
    for each in TABLES:
        op.drop_column(each, "version")
