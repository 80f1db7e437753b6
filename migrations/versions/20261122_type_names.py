"""What a company calls its types of record."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "type_names",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column("one", postgresql.JSONB(), nullable=False),
        sa.Column("many", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_type_names")),
        sa.UniqueConstraint("record_type", name=op.f("uq_type_names_record_type")),
    )


def downgrade() -> None:
    op.drop_table("type_names")
