"""Rules of automation with their history, and webhooks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0046"
down_revision = "0048"
branch_labels = None
depends_on = None

_MOMENT, _BIG, _JSON = sa.DateTime(timezone=True), sa.BigInteger(), postgresql.JSONB()
_NOW, _NONE, _EMPTY = sa.text("now()"), sa.text("'[]'"), sa.text("'{}'")


def upgrade() -> None:
    _rules()
    _work()
    _webhooks()
    for table in ("imports", "bulk_changes"):
        op.add_column(table, sa.Column("automates", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("notifications", sa.Column("rule_id", _BIG))
    _shipped()


def _rules() -> None:
    op.create_table(
        "automation_rules",
        sa.Column("id", _BIG, sa.Identity(), nullable=False),
        sa.Column("key", sa.Text()),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column("department_id", _BIG),
        sa.Column("position", _BIG, nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("version", _BIG, server_default=sa.text("1"), nullable=False),
        sa.Column("definition", _JSON, nullable=False),
        sa.Column("rights", _JSON, server_default=_EMPTY, nullable=False),
        sa.Column("activated_by_id", _BIG),
        sa.Column("next_at", _MOMENT),
        sa.Column("asked_on", sa.Date()),
        sa.Column("retired_at", _MOMENT),
        sa.Column("created_at", _MOMENT, server_default=_NOW, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automation_rules")),
        sa.UniqueConstraint("key", name=op.f("uq_automation_rules_key")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["departments.id"], name=op.f("fk_automation_rules_department_id")
        ),
        sa.ForeignKeyConstraint(["activated_by_id"], ["people.id"], name=op.f("fk_automation_rules_activated_by_id")),
    )
    op.create_table(
        "automation_rule_versions",
        sa.Column("rule_id", _BIG, nullable=False),
        sa.Column("version", _BIG, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column("department_id", _BIG),
        sa.Column("definition", _JSON, nullable=False),
        sa.Column("by_id", _BIG),
        sa.Column("made_at", _MOMENT, server_default=_NOW, nullable=False),
        sa.PrimaryKeyConstraint("rule_id", "version", name=op.f("pk_automation_rule_versions")),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["automation_rules.id"], name=op.f("fk_automation_rule_versions_rule_id")
        ),
    )
    op.create_table(
        "automation_waits",
        sa.Column("rule_id", _BIG, nullable=False),
        sa.Column("subject_id", _BIG, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("rule_id", "subject_id", "due_on", name=op.f("pk_automation_waits")),
        sa.ForeignKeyConstraint(["rule_id"], ["automation_rules.id"], name=op.f("fk_automation_waits_rule_id")),
    )


def _work() -> None:
    op.create_table(
        "automation_queue",
        sa.Column("id", _BIG, sa.Identity(), nullable=False),
        sa.Column("event_id", _BIG, nullable=False),
        sa.Column("occurred_at", _MOMENT, nullable=False),
        sa.Column("source", sa.Text()),
        sa.Column("rule_id", _BIG),
        sa.Column("subject_id", _BIG),
        sa.Column("attempts", _BIG, server_default=sa.text("0"), nullable=False),
        sa.Column("run_at", _MOMENT, server_default=_NOW, nullable=False),
        sa.Column("error", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automation_queue")),
    )
    op.create_index("ix_automation_queue_due", "automation_queue", ["run_at", "id"])
    there = sa.text("source IS NOT NULL")
    op.create_index("ix_automation_queue_source", "automation_queue", ["source"], postgresql_where=there)
    op.create_table(
        "automation_runs",
        sa.Column("id", _BIG, sa.Identity(), nullable=False),
        sa.Column("rule_id", _BIG, nullable=False),
        sa.Column("version", _BIG, nullable=False),
        sa.Column("event_id", _BIG, nullable=False),
        sa.Column("occurred_at", _MOMENT, nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", _BIG, nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("effects", _JSON, server_default=_NONE, nullable=False),
        sa.Column("problem", _JSON),
        sa.Column("source", sa.Text()),
        sa.Column("attempts", _BIG, server_default=sa.text("1"), nullable=False),
        sa.Column("retry_at", _MOMENT),
        sa.Column("at", _MOMENT, server_default=_NOW, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automation_runs")),
        sa.UniqueConstraint("rule_id", "event_id", "subject_id", name=op.f("uq_automation_runs_rule_id_event_id_subject_id")),
    )
    op.create_index("ix_automation_runs_newest", "automation_runs", ["rule_id", sa.text("id DESC")])
    op.create_index("ix_automation_runs_decision", "automation_runs", ["decision", sa.text("id DESC")])
    again = sa.text("retry_at IS NOT NULL")
    op.create_index("ix_automation_runs_retry", "automation_runs", ["retry_at"], postgresql_where=again)
    op.create_index("ix_automation_runs_at", "automation_runs", ["at"])
    acted = sa.text("decision <> 'not'")
    op.create_index(
        "ix_automation_runs_acted", "automation_runs", ["at", "rule_id", "decision"], postgresql_where=acted
    )
    op.create_table(
        "automation_digests",
        sa.Column("id", _BIG, sa.Identity(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("person_id", _BIG, nullable=False),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column("counts", _JSON, server_default=_EMPTY, nullable=False),
        sa.Column("told_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automation_digests")),
        sa.UniqueConstraint("source", "person_id", name=op.f("uq_automation_digests_source_person_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_automation_digests_person_id")),
    )
    op.create_index("ix_automation_digests_person_id", "automation_digests", ["person_id"])


def _webhooks() -> None:
    op.create_table(
        "webhook_endpoints",
        sa.Column("id", _BIG, sa.Identity(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("retired_at", _MOMENT),
        sa.Column("created_at", _MOMENT, server_default=_NOW, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoints")),
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", _BIG, sa.Identity(), nullable=False),
        sa.Column("endpoint_id", _BIG, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body", _JSON, nullable=False),
        sa.Column("attempts", _BIG, server_default=sa.text("0"), nullable=False),
        sa.Column("run_at", _MOMENT, server_default=_NOW),
        sa.Column("sent_at", _MOMENT),
        sa.Column("answer", _BIG),
        sa.Column("error", sa.Text()),
        sa.Column("created_at", _MOMENT, server_default=_NOW, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
        sa.UniqueConstraint("key", name=op.f("uq_webhook_deliveries_key")),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["webhook_endpoints.id"], name=op.f("fk_webhook_deliveries_endpoint_id")
        ),
    )
    due = sa.text("run_at IS NOT NULL")
    op.create_index("ix_webhook_deliveries_due", "webhook_deliveries", ["run_at"], postgresql_where=due)
    op.create_index("ix_webhook_deliveries_newest", "webhook_deliveries", ["endpoint_id", sa.text("id DESC")])
    op.create_index("ix_webhook_deliveries_created", "webhook_deliveries", ["created_at"])


def _shipped() -> None:
    """The rules that the product comes with, off: whoever switches one on gives it their rights."""
    from crm.domain.automation.shipped import RULES

    table = sa.table(
        "automation_rules",
        *(sa.column(each) for each in ("key", "name", "record_type", "position")),
        sa.column("definition", _JSON),
    )
    rows = [
        {"key": each.key, "name": each.name, "record_type": each.type, "position": at, "definition": each.definition()}
        for at, each in enumerate(RULES, 1)
    ]
    op.bulk_insert(table, rows)
    op.execute("UPDATE shape SET version = nextval('shape_versions')")


def downgrade() -> None:
    op.drop_column("notifications", "rule_id")
    for table in ("imports", "bulk_changes"):
        op.drop_column(table, "automates")
    for table in ("webhook_deliveries", "webhook_endpoints", "automation_digests", "automation_runs"):
        op.drop_table(table)
    for table in ("automation_queue", "automation_waits", "automation_rule_versions", "automation_rules"):
        op.drop_table(table)
