"""Verification samples of imports."""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment, number, now = sa.DateTime(timezone=True), sa.BigInteger(), sa.text("now()")
    op.add_column("imports", sa.Column("verified_rows", number))
    op.add_column("imports", sa.Column("verified_wrong", number))
    op.create_table(
        "import_samples",
        sa.Column("id", number, sa.Identity(), nullable=False),
        sa.Column("import_id", number, nullable=False),
        sa.Column("seed", number, nullable=False),
        sa.Column("size", number, nullable=False),
        sa.Column("population", number, nullable=False),
        sa.Column("by_id", number, nullable=False),
        sa.Column("created_at", moment, server_default=now, nullable=False),
        sa.Column("signed_by_id", number),
        sa.Column("signed_at", moment),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_samples")),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_import_samples_import_id")),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_import_samples_by_id")),
        sa.ForeignKeyConstraint(["signed_by_id"], ["people.id"], name=op.f("fk_import_samples_signed_by_id")),
    )
    op.create_index("ix_import_samples_import", "import_samples", ["import_id", "id"])
    op.create_table(
        "import_sample_rows",
        sa.Column("sample_id", number, nullable=False),
        sa.Column("line", number, autoincrement=False, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("record_id", number, nullable=False),
        sa.Column("verdict", sa.Text()),
        sa.Column("fields", sa.JSON()),
        sa.Column("note", sa.Text()),
        sa.Column("by_id", number),
        sa.Column("at", moment),
        sa.CheckConstraint("verdict IN ('right', 'wrong')", name=op.f("ck_import_sample_rows_verdict")),
        sa.PrimaryKeyConstraint("sample_id", "line", name=op.f("pk_import_sample_rows")),
        sa.ForeignKeyConstraint(["sample_id"], ["import_samples.id"], name=op.f("fk_import_sample_rows_sample_id")),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_import_sample_rows_by_id")),
    )
    op.create_index(
        "ix_import_sample_rows_left",
        "import_sample_rows",
        ["sample_id", "line"],
        postgresql_where=sa.text("verdict IS NULL"),
    )
    op.create_table(
        "import_sample_people",
        sa.Column("sample_id", number, nullable=False),
        sa.Column("person_id", number, nullable=False),
        sa.Column("asked_by_id", number),
        sa.Column("asked_at", moment, server_default=now, nullable=False),
        sa.PrimaryKeyConstraint("sample_id", "person_id", name=op.f("pk_import_sample_people")),
        sa.ForeignKeyConstraint(["sample_id"], ["import_samples.id"], name=op.f("fk_import_sample_people_sample_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_import_sample_people_person_id")),
    )
    op.create_index("ix_import_sample_people_person_id", "import_sample_people", ["person_id"])


def downgrade() -> None:
    for table in ("import_sample_people", "import_sample_rows", "import_samples"):
        op.drop_table(table)
    op.drop_column("imports", "verified_wrong")
    op.drop_column("imports", "verified_rows")
