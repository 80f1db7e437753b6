"""Rows of imports that are like a record or each other, what is decided about each, and merging them in."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

_ADDS_UP = (
    "CASE state WHEN 'done' THEN rows = created + updated {merged}+ skipped + failed "
    "ELSE rows >= created + updated {merged}+ skipped + failed END"
)
_WORKING = "state IN ('inspecting', 'checking', {comparing}'rehearsing', 'running')"


def upgrade() -> None:
    zero = sa.text("0")
    op.add_column("imports", sa.Column("merged", sa.Integer, nullable=False, server_default=zero))
    op.add_column("imports", sa.Column("alike", sa.Integer, nullable=False, server_default=zero))
    op.add_column("imports", sa.Column("compared_line", sa.Integer, nullable=False, server_default=zero))
    op.add_column("imports", sa.Column("compared_at", sa.DateTime(timezone=True)))
    op.add_column("imports", sa.Column("similar", sa.String, nullable=False, server_default=sa.text("'create'")))
    _rules("merged ", "'comparing', ", "outcome IN ('updated', 'merged')")
    op.add_column("import_rows", sa.Column("likeness", sa.REAL))
    op.add_column("import_rows", sa.Column("decision", sa.String))
    op.add_column("import_rows", sa.Column("decided_id", sa.Integer))
    there = sa.text("likeness IS NOT NULL")
    op.create_index("ix_import_rows_alike", "import_rows", ["import_id", "line"], postgresql_where=there)
    op.create_table(
        "import_likes",
        sa.Column("import_id", sa.BigInteger, primary_key=True),
        sa.Column("line", sa.Integer, primary_key=True),
        sa.Column("rank", sa.SmallInteger, primary_key=True),
        sa.Column("record_id", sa.Integer),
        sa.Column("like_line", sa.Integer),
        sa.Column("score", sa.REAL, nullable=False),
        sa.Column("why", sa.JSON, nullable=False),
    )
    op.create_table(
        "import_keys",
        sa.Column("import_id", sa.BigInteger, primary_key=True),
        sa.Column("key", sa.BigInteger, primary_key=True),
        sa.Column("line", sa.Integer, primary_key=True),
    )


def downgrade() -> None:
    op.execute("UPDATE imports SET state = 'checked' WHERE state = 'comparing'")
    op.execute("UPDATE import_results SET outcome = 'updated' WHERE outcome = 'merged'")
    op.execute("UPDATE imports SET updated = updated + merged, merged = 0")
    op.drop_table("import_keys")
    op.drop_table("import_likes")
    op.drop_index("ix_import_rows_alike", "import_rows")
    for name in ("decided_id", "decision", "likeness"):
        op.drop_column("import_rows", name)
    _rules("", "", "outcome = 'updated'")
    for name in ("similar", "compared_at", "compared_line", "alike", "merged"):
        op.drop_column("imports", name)


def _rules(merged: str, comparing: str, updated: str) -> None:
    op.drop_constraint(op.f("ck_imports_adds_up"), "imports")
    rule = _ADDS_UP.format(merged=f"+ {merged}" if merged else "")
    op.create_check_constraint(op.f("ck_imports_adds_up"), "imports", rule)
    op.drop_index("ix_imports_working", "imports")
    working = sa.text(_WORKING.format(comparing=comparing))
    op.create_index("ix_imports_working", "imports", ["id"], postgresql_where=working)
    op.drop_index("ix_import_results_updated", "import_results")
    columns = ["import_id", "record_id"]
    op.create_index("ix_import_results_updated", "import_results", columns, postgresql_where=sa.text(updated))
