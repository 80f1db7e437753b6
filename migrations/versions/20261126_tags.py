"""Tags with a meaning."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0036"
down_revision = "0041"
branch_labels = None
depends_on = None
_TAGGED = ("contacts", "leads", "opportunities")


def upgrade() -> None:
    moment, nothing = sa.DateTime(timezone=True), sa.text("'{}'")
    op.create_table(
        "tags",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("label", postgresql.JSONB(), nullable=False),
        sa.Column("description", postgresql.JSONB(), server_default=nothing, nullable=False),
        sa.Column("tone", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("asks_why", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("names", postgresql.ARRAY(sa.Text()), server_default=nothing, nullable=False),
        sa.Column("types", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("merged_into_id", sa.BigInteger()),
        sa.Column("retired_at", moment),
        sa.Column("created_at", moment, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tags")),
        sa.UniqueConstraint("key", name=op.f("uq_tags_key")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["tags.id"], name=op.f("fk_tags_merged_into_id")),
    )
    for table in _TAGGED:  # as customers have them
        op.add_column(table, sa.Column("tags", postgresql.ARRAY(sa.Text())))
        where = sa.text("tags IS NOT NULL")
        op.create_index(f"ix_{table}_tags", table, ["tags"], postgresql_using="gin", postgresql_where=where)


def downgrade() -> None:
    for table in _TAGGED:
        op.drop_column(table, "tags")
    op.drop_table("tags")
