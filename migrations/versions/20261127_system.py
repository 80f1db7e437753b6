"""What is known of the program's own running: processes, jobs, times, errors, what is wrong."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "system_hours",
        sa.Column("hour", MOMENT, primary_key=True),
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("what", "name", "method", "outcome")),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("database_seconds", sa.Float, nullable=False),
        sa.Column("buckets", ARRAY(sa.BigInteger), nullable=False),
        sa.Column("slowest", sa.Float, nullable=False),
        sa.Column("slowest_id", sa.Text, nullable=False),
    )
    op.create_table(
        "system_processes",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("machine", sa.Text, nullable=False),
        sa.Column("pid", sa.BigInteger, nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("heard_at", MOMENT, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("gauges", JSONB, nullable=False),
    )
    op.create_table(
        "system_jobs",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("job", sa.Text, nullable=False),
        sa.Column("queue", sa.Text, nullable=False),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("done_at", MOMENT),
        sa.Column("failed_at", MOMENT),
        sa.Column("failures", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("error_kind", sa.Text, nullable=False, server_default=""),
        sa.Column("error_place", sa.Text, nullable=False, server_default=""),
        sa.UniqueConstraint("job", name="uq_system_jobs_job"),
    )
    op.create_table(
        "system_errors",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("at_work", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.UniqueConstraint("kind", "place", name="uq_system_errors_kind_place"),
    )
    op.create_index("ix_system_errors_last_at", "system_errors", ["last_at"])
    op.create_table(
        "system_troubles",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False, server_default=""),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.CheckConstraint("ended_at >= began_at", name="ck_system_troubles_order"),
    )
    columns, still = ["kind", "about"], sa.text("ended_at IS NULL")
    op.create_index("uq_system_troubles_open", "system_troubles", columns, unique=True, postgresql_where=still)


def downgrade() -> None:
    for table in ("system_troubles", "system_errors", "system_jobs", "system_processes", "system_hours"):
        op.drop_table(table)
