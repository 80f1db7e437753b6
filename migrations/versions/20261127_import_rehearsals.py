"""Dry runs of imports."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

_WORKING = "state IN ('inspecting', 'checking', {more}'running')"


def upgrade() -> None:
    op.add_column("imports", sa.Column("rehearsed", sa.Integer, nullable=False, server_default=sa.text("0")))
    op.add_column("imports", sa.Column("rehearsed_line", sa.Integer, nullable=False, server_default=sa.text("0")))
    op.add_column("imports", sa.Column("rehearsal", JSONB))
    _index("'rehearsing', ")
    op.create_table(
        "import_rehearsals",
        sa.Column("import_id", sa.BigInteger, primary_key=True),
        sa.Column("line", sa.Integer, primary_key=True),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("record_id", sa.BigInteger),
        sa.Column("problem", sa.JSON),
        sa.Column("before", sa.JSON),
    )
    op.create_index("ix_import_rehearsals_outcome", "import_rehearsals", ["import_id", "outcome", "line"])
    op.create_table(
        "import_twins",
        sa.Column("import_id", sa.BigInteger, primary_key=True),
        sa.Column("line", sa.Integer, primary_key=True),
        sa.Column("first_line", sa.Integer, primary_key=True),
    )
    op.create_index("ix_import_twins_group", "import_twins", ["import_id", "first_line", "line"])


def downgrade() -> None:
    op.execute("UPDATE imports SET state = 'checked' WHERE state = 'rehearsing'")
    op.drop_table("import_twins")
    op.drop_table("import_rehearsals")
    _index("")
    for name in ("rehearsal", "rehearsed_line", "rehearsed"):
        op.drop_column("imports", name)


def _index(more: str) -> None:
    op.drop_index("ix_imports_working", "imports")
    op.create_index("ix_imports_working", "imports", ["id"], postgresql_where=sa.text(_WORKING.format(more=more)))
