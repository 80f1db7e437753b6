"""What people who work with the program say of it."""

import sqlalchemy as sa
from alembic import op

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("person_id", sa.BigInteger, sa.ForeignKey("people.id"), nullable=False),
        sa.Column("department_id", sa.BigInteger, sa.ForeignKey("departments.id")),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("page", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("program", sa.Text, nullable=False),
        sa.Column("browser", sa.Text, nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text, nullable=False, server_default="open"),
        sa.Column("answer", sa.Text, nullable=False, server_default=""),
        sa.Column("answered_by_id", sa.BigInteger, sa.ForeignKey("people.id")),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("kind IN ('broken', 'unclear', 'missing', 'good')", name="kind"),
        sa.CheckConstraint("status IN ('open', 'planned', 'done', 'declined')", name="status"),
    )
    op.create_index("ix_feedback_person", "feedback", ["person_id", "id"])
    op.create_index("ix_feedback_status", "feedback", ["status", "id"])


def downgrade() -> None:
    op.drop_table("feedback")
