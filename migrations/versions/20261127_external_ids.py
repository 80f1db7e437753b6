"""What records are called by in other systems, and imports that follow another."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "external_ids",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("subject_type", sa.String, nullable=False),
        sa.Column("subject_id", sa.Integer, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("source_key", sa.String, nullable=False),
        sa.Column("external_id", sa.String, nullable=False),
        sa.Column("import_id", sa.Integer),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    )
    columns = ["subject_type", "source_key", "external_id"]
    op.create_index("uq_external_ids", "external_ids", columns, unique=True)
    op.create_index("ix_external_ids_subject", "external_ids", ["subject_type", "subject_id"])
    op.add_column("imports", sa.Column("source", sa.String, nullable=False, server_default=sa.text("''")))
    op.add_column("imports", sa.Column("source_column", sa.Integer))
    op.add_column("imports", sa.Column("followed", JSONB, nullable=False, server_default=sa.text("'{}'")))
    op.add_column("imports", sa.Column("parent_id", sa.Integer))
    there = sa.text("parent_id IS NOT NULL")
    op.create_index("ix_imports_parent", "imports", ["parent_id"], postgresql_where=there)
    for name in ("source", "source_heading"):
        op.add_column("import_templates", sa.Column(name, sa.String, nullable=False, server_default=sa.text("''")))


def downgrade() -> None:
    for name in ("source_heading", "source"):
        op.drop_column("import_templates", name)
    op.drop_index("ix_imports_parent", "imports")
    for name in ("parent_id", "followed", "source_column", "source"):
        op.drop_column("imports", name)
    op.drop_table("external_ids")
