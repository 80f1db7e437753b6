"""What records had before an import, and imports taken back."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0052"
down_revision = "0054"
branch_labels = None
depends_on = None

_COUNTS = ("removed", "restored", "brought_back", "changed", "partly", "kept", "gone")


def upgrade() -> None:
    moment, number, nothing = sa.DateTime(timezone=True), sa.BigInteger(), sa.text("0")
    op.add_column("import_results", sa.Column("before", sa.JSON()))
    op.add_column("imports", sa.Column("undone_at", moment))
    updated = sa.text("outcome = 'updated'")
    op.create_index(
        "ix_import_results_updated", "import_results", ["import_id", "record_id"], postgresql_where=updated
    )
    op.create_index(
        "ix_automation_runs_source",
        "automation_runs",
        ["source", "subject_id", "id"],
        postgresql_where=sa.text("source IS NOT NULL AND decision = 'done'"),
    )
    op.create_table(
        "import_undos",
        sa.Column("id", number, sa.Identity(), nullable=False),
        sa.Column("import_id", number, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("of_id", number),
        sa.Column("by_id", number, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("problem", postgresql.JSONB()),
        sa.Column("total", number, nullable=False),
        *(sa.Column(each, number, server_default=nothing, nullable=False) for each in _COUNTS),
        sa.Column("recalled", number, server_default=nothing, nullable=False),
        sa.Column("worked_on", number, server_default=nothing, nullable=False),
        sa.Column("untold", number, server_default=nothing, nullable=False),
        sa.Column("withdrawn", number, server_default=nothing, nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("line", number),
        sa.Column("attempts", number, server_default=nothing, nullable=False),
        sa.Column("retry_at", moment),
        sa.Column("progressed_at", moment),
        sa.Column("created_at", moment, server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", moment),
        sa.CheckConstraint(
            f"CASE WHEN state = 'done' THEN total = {' + '.join(_COUNTS)} ELSE total >= {' + '.join(_COUNTS)} END",
            name=op.f("ck_import_undos_adds_up"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_undos")),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_import_undos_import_id")),
        sa.ForeignKeyConstraint(["of_id"], ["import_undos.id"], name=op.f("fk_import_undos_of_id")),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_import_undos_by_id")),
    )
    op.create_index("ix_import_undos_import", "import_undos", ["import_id", "id"])
    op.create_index(
        "ix_import_undos_running",
        "import_undos",
        ["import_id"],
        unique=True,
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "import_undo_rows",
        sa.Column("id", number, sa.Identity(), nullable=False),
        sa.Column("undo_id", number, nullable=False),
        sa.Column("line", number),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column("record_id", number, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON()),
        sa.Column("conflicts", sa.JSON()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_undo_rows")),
    )
    op.create_index("ix_import_undo_rows_outcome", "import_undo_rows", ["undo_id", "outcome", "id"])
    op.create_index("ix_import_undo_rows_line", "import_undo_rows", ["undo_id", "line"])


def downgrade() -> None:
    op.drop_table("import_undo_rows")
    op.drop_table("import_undos")
    op.drop_index("ix_automation_runs_source", "automation_runs")
    op.drop_index("ix_import_results_updated", "import_results")
    op.drop_column("import_results", "before")
    op.drop_column("imports", "undone_at")
