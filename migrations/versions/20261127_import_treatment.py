"""How the cells of an import are read, and what was done to them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("imports", "import_templates"):
        for name, empty in (("conversions", "'{}'"), ("fallbacks", "'{}'"), ("splits", "'[]'")):
            op.add_column(table, sa.Column(name, JSONB, nullable=False, server_default=sa.text(empty)))
    op.add_column("imports", sa.Column("passes", sa.SmallInteger, nullable=False, server_default=sa.text("1")))
    op.add_column("import_rows", sa.Column("changes", sa.ARRAY(sa.String)))
    op.create_index(
        "ix_import_rows_changes", "import_rows", ["import_id", "line"], postgresql_where=sa.text("changes IS NOT NULL")
    )
    op.create_table(
        "import_findings",
        sa.Column("import_id", sa.BigInteger, primary_key=True),
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("kind", sa.String, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("first_line", sa.Integer),
        sa.Column("last_line", sa.Integer),
        sa.Column("examples", JSONB, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("import_findings")
    op.drop_index("ix_import_rows_changes", "import_rows")
    op.drop_column("import_rows", "changes")
    op.drop_column("imports", "passes")
    for table in ("import_templates", "imports"):
        for name in ("splits", "fallbacks", "conversions"):
            op.drop_column(table, name)
