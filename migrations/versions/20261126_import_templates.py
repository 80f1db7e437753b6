"""Matchings that are kept, and what texts of files mean here."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0053"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment, number, now = sa.DateTime(timezone=True), sa.BigInteger(), sa.text("now()")
    nothing = sa.text("'{}'")
    op.add_column("imports", sa.Column("translations", postgresql.JSONB(), server_default=nothing, nullable=False))
    op.add_column("imports", sa.Column("template_id", number))
    op.create_table(
        "import_templates",
        sa.Column("id", number, sa.Identity(), nullable=False),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner_id", number, nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("columns", postgresql.JSONB(), nullable=False),
        sa.Column("translations", postgresql.JSONB(), nullable=False),
        sa.Column("version", number, server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", moment, server_default=now, nullable=False),
        sa.Column("used_at", moment),
        sa.Column("deleted_at", moment),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_templates")),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("fk_import_templates_owner_id")),
    )
    there = sa.text("deleted_at IS NULL")
    op.create_index(
        "ix_import_templates_signature", "import_templates", ["record_type", "signature"], postgresql_where=there
    )
    op.create_index("ix_import_templates_owner", "import_templates", ["owner_id"], postgresql_where=there)


def downgrade() -> None:
    op.drop_table("import_templates")
    op.drop_column("imports", "template_id")
    op.drop_column("imports", "translations")
