"""Reports: questions over a list, kept under a name and mailed at set times."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0078"
down_revision = "0077"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "reports",
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("record_type", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("asked", JSONB, nullable=False),
        sa.Column("owner_id", sa.BigInteger, sa.ForeignKey("people.id"), nullable=False, index=True),
        sa.Column("everyone", sa.Boolean, nullable=False),
        sa.Column("role_id", sa.BigInteger, sa.ForeignKey("roles.id")),
        sa.Column("department_id", sa.BigInteger, sa.ForeignKey("departments.id")),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        sa.Column("created_at", _MOMENT, nullable=False, server_default=sa.func.now()),
        sa.CheckConstraint(
            "num_nonnulls(role_id, department_id) + everyone::int <= 1",
            name=op.f("ck_reports_shared_once"),
        ),
    )
    op.create_table(
        "report_mailings",
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column(
            "report_id", sa.BigInteger, sa.ForeignKey("reports.id", ondelete="CASCADE"), nullable=False, index=True
        ),
        sa.Column("owner_id", sa.BigInteger, sa.ForeignKey("people.id"), nullable=False, index=True),
        sa.Column("every", sa.Text, nullable=False),
        sa.Column("on_day", sa.SmallInteger, nullable=False),
        sa.Column("hour", sa.SmallInteger, nullable=False),
        sa.Column("people", ARRAY(sa.BigInteger), nullable=False),
        sa.Column("next_at", _MOMENT, nullable=False),
        sa.Index("ix_report_mailings_due", "next_at"),
    )


def downgrade() -> None:
    op.drop_table("report_mailings")
    op.drop_table("reports")
