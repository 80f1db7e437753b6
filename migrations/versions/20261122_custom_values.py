"""One index finds values of every field that administrators made."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE INDEX ix_customers_custom ON customers USING gin (custom jsonb_path_ops) WHERE custom <> '{}'::jsonb"
    )


def downgrade() -> None:
    op.drop_index("ix_customers_custom", "customers")
