"""Sessions are rows, a second factor may be asked for, and links about accounts are mailed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0075"
down_revision = "0074"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.drop_column("people", "session_stamp")  # whoever was signed in signs in again
    op.add_column("people", sa.Column("verified_at", _MOMENT))
    for table in ("people", "roles"):
        op.add_column(table, sa.Column("second_factor", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_table(
        "sessions",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("digest", sa.Text, nullable=False, unique=True),
        sa.Column("person_id", sa.BigInteger, sa.ForeignKey("people.id"), nullable=False, index=True),
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("begun_at", _MOMENT, nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False, index=True),
    )
    op.create_table(
        "second_factors",
        sa.Column("person_id", sa.BigInteger, sa.ForeignKey("people.id"), primary_key=True, autoincrement=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("last_step", sa.BigInteger, nullable=False),
        sa.Column("recovery", ARRAY(sa.Text), nullable=False),
        sa.Column("confirmed_at", _MOMENT),
    )
    op.create_table(
        "account_links",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("person_id", sa.BigInteger, sa.ForeignKey("people.id"), nullable=False, index=True),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False, index=True),
    )


def downgrade() -> None:
    for table in ("account_links", "second_factors", "sessions"):
        op.drop_table(table)
    for table in ("people", "roles"):
        op.drop_column(table, "second_factor")
    op.drop_column("people", "verified_at")
    op.add_column("people", sa.Column("session_stamp", sa.Text))
    op.execute("UPDATE people SET session_stamp = md5(random()::text || id)")
    op.alter_column("people", "session_stamp", nullable=False)
