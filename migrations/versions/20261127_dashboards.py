"""Which tiles of a dashboard are shown, and in which order."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dashboard_arrangements",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("dashboard", sa.Text, nullable=False),
        sa.Column("person_id", sa.BigInteger, sa.ForeignKey("people.id", ondelete="CASCADE")),
        sa.Column("role_id", sa.BigInteger, sa.ForeignKey("roles.id", ondelete="CASCADE")),
        sa.Column("shown", ARRAY(sa.Text), nullable=False),
        sa.Column("hidden", ARRAY(sa.Text), nullable=False),
        sa.CheckConstraint("person_id IS NULL OR role_id IS NULL", name="ck_dashboard_arrangements_whose"),
    )
    whose = (sa.text("coalesce(person_id, 0)"), sa.text("coalesce(role_id, 0)"))
    op.create_index("uq_dashboard_arrangements_one", "dashboard_arrangements", ["dashboard", *whose], unique=True)


def downgrade() -> None:
    op.drop_table("dashboard_arrangements")
