"""Access is asked for, of records, lists and the program, and may be granted for a time."""

import sqlalchemy as sa
from alembic import op

revision = "0076"
down_revision = "0075"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_WORDS = ("name", "email", "organisation", "reason", "language", "answer")
_WAITS = "answered_at IS NULL"


def upgrade() -> None:
    for table in ("shares", "person_roles", "access_requests"):
        op.add_column(table, sa.Column("until", _MOMENT))
    op.create_index("ix_shares_until", "shares", ["until"], postgresql_where=sa.text("until IS NOT NULL"))
    for name in _WORDS:
        op.add_column("access_requests", sa.Column(name, sa.Text, nullable=False, server_default=""))
    for name in ("subject_id", "person_id"):
        op.alter_column("access_requests", name, nullable=True)
    op.create_check_constraint("somebody", "access_requests", "subject_type = 'system' OR person_id IS NOT NULL")
    for name, columns, where in (
        ("uq_access_requests_list", ["subject_type", "person_id"], f"{_WAITS} AND subject_id IS NULL"),
        ("uq_access_requests_email", ["email"], f"{_WAITS} AND email > ''"),
    ):
        op.create_index(name, "access_requests", columns, unique=True, postgresql_where=sa.text(where))
    by_administrators = sa.text("subject_id IS NULL")
    op.create_index("ix_access_requests_administered", "access_requests", ["id"], postgresql_where=by_administrators)
    op.create_index("ix_access_requests_person", "access_requests", ["person_id", "id"])
    op.create_table(
        "door",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("open", sa.Boolean, nullable=False),
        sa.CheckConstraint("id = 1", name="one"),
    )


def downgrade() -> None:
    """What was granted for a time ends with this, and requests of administrators are gone."""
    op.drop_table("door")
    op.execute("DELETE FROM access_requests WHERE subject_id IS NULL OR person_id IS NULL")
    for table in ("shares", "person_roles"):
        op.execute(f"DELETE FROM {table} WHERE until IS NOT NULL")
    for name in ("person", "administered", "email", "list"):
        unique = "uq" if name in ("email", "list") else "ix"
        op.drop_index(f"{unique}_access_requests_{name}", "access_requests")
    op.drop_constraint(op.f("ck_access_requests_somebody"), "access_requests")
    for name in ("subject_id", "person_id"):
        op.alter_column("access_requests", name, nullable=False)
    for name in (*_WORDS, "until"):
        op.drop_column("access_requests", name)
    op.drop_column("person_roles", "until")
    op.drop_column("shares", "until")
