"""Tasks, the secret address of a calendar, notifications; follow-ups with files, with who was there and whom they tell."""

import sqlalchemy as sa
from alembic import op

from crm.domain.people.seeding import allow
from crm.domain.records import tables

revision = "0033"
down_revision = "0040"
branch_labels = None
depends_on = None

_BIG, _MOMENT, _NOW = sa.BigInteger(), sa.DateTime(timezone=True), sa.text("now()")
_THERE = "deleted_at IS NULL"
_OPEN = f"status = 'open' AND {_THERE}"


def upgrade() -> None:
    _tasks()
    op.create_table(
        "calendar_feeds",
        sa.Column("person_id", _BIG, nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_calendar_feeds")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feeds_token_hash")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_calendar_feeds_person_id")),
    )
    _notifications()
    op.add_column("follow_ups", sa.Column("present", sa.ARRAY(sa.Text())))
    op.add_column("follow_ups", sa.Column("told", sa.ARRAY(_BIG)))
    _attachments()
    allow(op, ["tasks"])


def _tasks() -> None:
    tables.make(
        op,
        "tasks",
        sa.Column("due_on", sa.Date()),
        sa.Column("due_time", sa.Time()),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.Text()),
        sa.Column("subject_type", sa.Text(), sa.Computed("split_part(about, ':', 1)", persisted=True)),
        sa.Column("subject_id", _BIG, sa.Computed("split_part(about, ':', 2)::bigint", persisted=True)),
        sa.Column("customer_id", _BIG),
        sa.Column("remind", sa.Text()),
        sa.Column("remind_at", _MOMENT),
        sa.Column("waits_on", sa.Date()),
        sa.Column("done_at", _MOMENT),
        sa.Column("remarks", sa.Text()),
        sa.Column("name_key", sa.Text(), nullable=False),
        links={"customer_id": "customers"},
    )
    for name, columns, where in (
        ("waits", ["waits_on", "id"], _THERE),
        ("owner_waits", ["owner_id", "waits_on", "id"], _THERE),
        ("department_waits", ["department_id", "waits_on", "id"], _THERE),
        ("due", ["due_on", "id"], _THERE),
        ("owner_due", ["owner_id", "due_on", "id"], _THERE),
        ("department_due", ["department_id", "due_on", "id"], _THERE),
        ("subject", ["subject_type", "subject_id", "waits_on"], _OPEN),
        ("customer_open", ["customer_id", "waits_on"], _OPEN),
        ("remind", ["remind_at"], f"remind_at IS NOT NULL AND {_OPEN}"),
    ):
        op.create_index(f"ix_tasks_{name}", "tasks", columns, postgresql_where=sa.text(where))
    op.create_index("ix_tasks_name_key", "tasks", ["name_key"])


def _notifications() -> None:
    op.create_table(
        "notifications",
        sa.Column("id", _BIG, sa.Identity(), nullable=False),
        sa.Column("person_id", _BIG, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", _BIG, nullable=False),
        sa.Column("by_id", _BIG),
        sa.Column("occurred_at", _MOMENT, nullable=False),
        sa.Column("read_at", _MOMENT),
        sa.Column("created_at", _MOMENT, server_default=_NOW, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        sa.UniqueConstraint("person_id", "key", name=op.f("uq_notifications_person_id_key")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_notifications_person_id")),
    )
    op.create_index("ix_notifications_newest", "notifications", ["person_id", "id"])
    for name, column, where in (("unread", "person_id", "IS NULL"), ("read", "read_at", "IS NOT NULL")):
        op.create_index(
            f"ix_notifications_{name}", "notifications", [column], postgresql_where=sa.text(f"read_at {where}")
        )


def _attachments() -> None:
    op.create_table(
        "attachments",
        sa.Column("id", _BIG, sa.Identity(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", _BIG, nullable=False),
        sa.Column("follow_up_id", _BIG, nullable=False),
        sa.Column("author_id", _BIG),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("size", _BIG, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("storage_key", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, server_default=_NOW, nullable=False),
        sa.Column("removed_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
        sa.UniqueConstraint("storage_key", name=op.f("uq_attachments_storage_key")),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_attachments_author_id")),
    )
    for name, columns, where in (
        ("follow_up", ["follow_up_id"], "IS NULL"),
        ("subject", ["subject_type", "subject_id"], "IS NULL"),
        ("removed", ["removed_at"], "IS NOT NULL"),
    ):
        op.create_index(
            f"ix_attachments_{name}", "attachments", columns, postgresql_where=sa.text(f"removed_at {where}")
        )


def downgrade() -> None:
    op.drop_table("attachments")
    op.drop_column("follow_ups", "told")
    op.drop_column("follow_ups", "present")
    op.drop_table("notifications")
    op.drop_table("calendar_feeds")
    tables.drop(op, "tasks")
