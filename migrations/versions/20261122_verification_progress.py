"""How far a check of the log has come."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("verifications", sa.Column("checked", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("verifications", sa.Column("total", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("verifications", "total")
    op.drop_column("verifications", "checked")
