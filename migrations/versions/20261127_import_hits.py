"""Long files are compared with all records by what these have in common; ids of records are long in what is compared."""

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None

_IDS = (("import_likes", "record_id"), ("import_rows", "decided_id"))


def upgrade() -> None:
    op.add_column("imports", sa.Column("keyed_line", sa.Integer, nullable=False, server_default=sa.text("0")))
    op.add_column("imports", sa.Column("keyed_record", sa.BigInteger))
    for table, what, kind in (("import_hits", "key", sa.BigInteger), ("import_candidates", "line", sa.Integer)):
        op.create_table(
            table,
            sa.Column("import_id", sa.BigInteger, primary_key=True),
            sa.Column(what, kind, primary_key=True),
            sa.Column("record_id", sa.BigInteger, primary_key=True),
        )
    for table, column in _IDS:
        op.alter_column(table, column, type_=sa.BigInteger)


def downgrade() -> None:
    for table, column in _IDS:
        op.alter_column(table, column, type_=sa.Integer)
    op.drop_table("import_candidates")
    op.drop_table("import_hits")
    op.drop_column("imports", "keyed_record")
    op.drop_column("imports", "keyed_line")
