"""Who has only half a name in common with a row is told from it by the letters of the whole."""

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None

_TABLES = ("import_keys", "import_hits")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("letters", sa.BigInteger))


def downgrade() -> None:
    for table in _TABLES:
        op.drop_column(table, "letters")
