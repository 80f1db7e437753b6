"""What customers say about solved tickets, and forms by which strangers write."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

_BIG, _MOMENT, _NOW = sa.BigInteger(), sa.DateTime(timezone=True), sa.text("now()")
_JSON = postgresql.JSONB()


def upgrade() -> None:
    _satisfaction()
    _forms()
    _entries()


def _satisfaction() -> None:
    op.create_table(
        "satisfaction_surveys",
        sa.Column("id", _BIG, sa.Identity(), nullable=False),
        sa.Column("ticket_id", _BIG, nullable=False),
        sa.Column("solved_at", _MOMENT, nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("mailed", sa.Boolean(), nullable=False),
        sa.Column("made_at", _MOMENT, server_default=_NOW, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("answered_at", _MOMENT),
        sa.Column("rating", _BIG),
        sa.Column("comment", sa.Text()),
        sa.Column("agent_id", _BIG),
        sa.Column("category", sa.Text()),
        sa.Column("department_id", _BIG),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_satisfaction_surveys")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_satisfaction_surveys_token_hash")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_satisfaction_surveys_ticket_id"), ondelete="CASCADE"
        ),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name=op.f("ck_satisfaction_surveys_rating")),
        sa.CheckConstraint("(rating IS NULL) = (answered_at IS NULL)", name=op.f("ck_satisfaction_surveys_answered")),
    )
    closing = ["ticket_id", "solved_at"]
    op.create_index("uq_satisfaction_surveys_closing", "satisfaction_surveys", closing, unique=True)
    op.create_index("ix_satisfaction_surveys_made", "satisfaction_surveys", ["made_at"])
    op.create_table(
        "satisfaction_rules",
        sa.Column("id", _BIG, autoincrement=False, nullable=False),
        sa.Column("mails", sa.Boolean(), nullable=False),
        sa.Column("days", _BIG, nullable=False),
        sa.Column("low", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_satisfaction_rules")),
        sa.CheckConstraint("days > 0 AND low BETWEEN 0 AND 4", name=op.f("ck_satisfaction_rules_bounds")),
    )


def _forms() -> None:
    op.create_table(
        "intake_forms",
        sa.Column("id", _BIG, sa.Identity(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        *(sa.Column(each, _JSON, nullable=False) for each in ("title", "intro", "fields", "preset", "consents")),
        sa.Column("department_id", _BIG),
        sa.Column("proof", sa.Boolean(), nullable=False),
        sa.Column("origins", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", _MOMENT, server_default=_NOW, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_forms")),
        sa.UniqueConstraint("key", name=op.f("uq_intake_forms_key")),
        sa.CheckConstraint("kind IN ('leads', 'tickets')", name=op.f("ck_intake_forms_kind")),
        sa.ForeignKeyConstraint(["department_id"], ["departments.id"], name=op.f("fk_intake_forms_department_id")),
    )


def _entries() -> None:
    op.create_table(
        "intake_entries",
        sa.Column("id", _BIG, sa.Identity(), nullable=False),
        sa.Column("form_id", _BIG, nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("came_at", _MOMENT, server_default=_NOW, nullable=False),
        sa.Column("given", _JSON, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("address_hash", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text()),
        sa.Column("consent_version", _BIG),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("suspicion", sa.Text()),
        sa.Column("record_type", sa.Text()),
        sa.Column("record_id", _BIG),
        sa.Column("decided_by_id", _BIG),
        sa.Column("decided_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_entries")),
        sa.UniqueConstraint("reference", name=op.f("uq_intake_entries_reference")),
        sa.ForeignKeyConstraint(["form_id"], ["intake_forms.id"], name=op.f("fk_intake_entries_form_id")),
        sa.CheckConstraint(
            "outcome IN ('made', 'attached', 'held', 'discarded')", name=op.f("ck_intake_entries_outcome")
        ),
        sa.CheckConstraint(
            "(outcome IN ('made', 'attached')) = (record_id IS NOT NULL)", name=op.f("ck_intake_entries_record")
        ),
    )
    op.create_index("ix_intake_entries_form", "intake_entries", ["form_id", "id"])
    op.create_index(
        "ix_intake_entries_held", "intake_entries", ["form_id", "id"], postgresql_where=sa.text("outcome = 'held'")
    )
    op.create_index("ix_intake_entries_digest", "intake_entries", ["digest", "came_at"])
    op.create_table(
        "intake_proofs",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("used_at", _MOMENT, server_default=_NOW, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_intake_proofs")),
    )
    op.create_index("ix_intake_proofs_used", "intake_proofs", ["used_at"])


def downgrade() -> None:
    for each in ("intake_proofs", "intake_entries", "intake_forms", "satisfaction_rules", "satisfaction_surveys"):
        op.drop_table(each)
