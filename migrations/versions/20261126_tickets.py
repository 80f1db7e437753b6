"""Tickets: with their queues, the history of their status, and the types and categories administrators shape."""

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm.domain.people.seeding import allow
from crm.domain.records import tables

revision = "0044"
down_revision = "0045"
branch_labels = None
depends_on = None

_BIG, _MOMENT, _NOW = sa.BigInteger(), sa.DateTime(timezone=True), sa.text("now()")
_JSON, _NOTHING = postgresql.JSONB(), sa.text("'{}'")
_TEXTS = postgresql.ARRAY(sa.Text())
_THERE = "deleted_at IS NULL"
_WAITS = f"waits_at IS NOT NULL AND {_THERE}"
_LINKS = {
    "customer_id": "customers",
    "contact_id": "contacts",
    "order_id": "orders",
    "parent_id": "tickets",
}
# Code, words in both languages, colour, as other systems call it.
_TYPES = (
    ("complaint", "Complaint", "投诉", "warn", ("Complaints",)),
    ("question", "Question", "咨询", "", ("Inquiry", "Product inquiry", "Billing inquiry", "Feature Request", "问题")),
    ("repair", "Repair", "报修", "", ("Technical issue", "Problem", "Incident", "Bug", "故障", "维修")),
    ("return", "Return", "退货", "", ("Refund request", "Cancellation request", "退款", "退换货")),
    ("other", "Other", "其他", "", ("其它",)),
)


def upgrade() -> None:
    tables.make(
        op,
        "tickets",
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("category", sa.Text()),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        *(sa.Column(each, sa.Text()) for each in ("channel", "description", "resolution")),
        sa.Column("tags", _TEXTS),
        *(sa.Column(each, _BIG) for each in _LINKS),
        sa.Column("needs_sales", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("sales_task_id", _BIG),
        sa.Column("opened_at", _MOMENT, nullable=False),
        *(sa.Column(each, _MOMENT) for each in ("responded_at", "solved_at", "closed_at")),
        sa.Column("policy_id", _BIG),
        *(sa.Column(each, _MOMENT) for each in ("respond_due_at", "solve_due_at", "waits_at", "escalates_at")),
        sa.Column("escalated", _BIG, server_default=sa.text("0"), nullable=False),
        sa.Column("rating", _BIG),
        sa.Column("rating_comment", sa.Text()),
        sa.Column("name_key", sa.Text(), nullable=False),
        links=_LINKS,
    )
    tables.mergeable(op, "tickets")
    tables.searched_while_written(op, "tickets")
    tables.pooled(op, "tickets")
    op.create_foreign_key(
        op.f("fk_tickets_sales_task_id"), "tickets", "tasks", ["sales_task_id"], ["id"], ondelete="SET NULL"
    )
    _indexes()
    _around()
    _people()
    _first_types()
    op.add_column("follow_ups", sa.Column("public", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    allow(op, ["tickets"])


def _indexes() -> None:
    def index(name: str, columns: list, where: str = "", **more: str) -> None:
        narrowed = {"postgresql_where": sa.text(where)} if where else {}
        op.create_index(f"ix_tickets_{name}", "tickets", columns, **narrowed, **more)

    index("tags", ["tags"], "tags IS NOT NULL", postgresql_using="gin")
    index("name_key", ["name_key"])
    index("opened", ["opened_at", "id"], _THERE)
    index("waits", ["waits_at", "id"], _WAITS)
    index("department_waits", ["department_id", "waits_at", "id"], _WAITS)
    index("owner_waits", ["owner_id", "waits_at", "id"], _WAITS)
    index("unowned_waits", ["department_id", "waits_at", "id"], f"owner_id IS NULL AND {_WAITS}")
    index("paused", ["department_id", "updated_at", "id"], f"status = 'waiting' AND {_THERE}")
    index("escalates", ["escalates_at"], f"escalates_at IS NOT NULL AND {_THERE}")
    index("sales_task", ["sales_task_id"], "sales_task_id IS NOT NULL")


def _around() -> None:
    def to(table: str, column: str, other: str, **more: str) -> sa.ForeignKeyConstraint:
        return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"), **more)

    op.create_table(
        "ticket_statuses",
        sa.Column("id", _BIG, sa.Identity(), nullable=False),
        sa.Column("ticket_id", _BIG, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("entered_at", _MOMENT, nullable=False),
        sa.Column("left_at", _MOMENT),
        sa.Column("actor_id", _BIG),
        sa.Column("owner_id", _BIG),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_statuses")),
        to("ticket_statuses", "ticket_id", "tickets", ondelete="CASCADE"),
    )
    op.create_index("ix_ticket_statuses_ticket", "ticket_statuses", ["ticket_id", "entered_at"])
    op.create_index("ix_ticket_statuses_status", "ticket_statuses", ["status", "entered_at"])
    op.create_table(
        "ticket_topics",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("label", _JSON, nullable=False),
        sa.Column("names", _TEXTS, server_default=_NOTHING, nullable=False),
        sa.Column("tone", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("team_id", _BIG),
        sa.Column("position", _BIG, nullable=False),
        sa.Column("retired_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_topics")),
        sa.UniqueConstraint("kind", "code", name=op.f("uq_ticket_topics_kind")),
        to("ticket_topics", "team_id", "departments"),
    )
    op.create_table(
        "ticket_teams",
        sa.Column("department_id", _BIG, nullable=False, autoincrement=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("people", postgresql.ARRAY(_BIG), server_default=_NOTHING, nullable=False),
        sa.Column("turn", _BIG, server_default=sa.text("0"), nullable=False),
        sa.Column("position", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("department_id", name=op.f("pk_ticket_teams")),
        to("ticket_teams", "department_id", "departments"),
    )
    op.create_table(
        "ticket_watchers",
        sa.Column("ticket_id", _BIG, nullable=False),
        sa.Column("person_id", _BIG, nullable=False),
        sa.Column("since", _MOMENT, server_default=_NOW, nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", "person_id", name=op.f("pk_ticket_watchers")),
        to("ticket_watchers", "ticket_id", "tickets", ondelete="CASCADE"),
        to("ticket_watchers", "person_id", "people"),
    )
    op.create_index("ix_ticket_watchers_person", "ticket_watchers", ["person_id"])
    op.create_table(
        "ticket_macros",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", _JSON, server_default=_NOTHING, nullable=False),
        sa.Column("public", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("status", sa.Text()),
        sa.Column("position", _BIG, nullable=False),
        sa.Column("retired_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_macros")),
    )


def _people() -> None:
    op.add_column("departments", sa.Column("head_id", _BIG))
    op.create_foreign_key(op.f("fk_departments_head_id"), "departments", "people", ["head_id"], ["id"])
    op.add_column("people", sa.Column("away_until", sa.Date()))


def _first_types() -> None:
    row = sa.text(
        "INSERT INTO ticket_topics (kind, code, label, tone, names, position)"
        " VALUES ('type', :code, CAST(:label AS jsonb), :tone, :names, :position)"
    ).bindparams(sa.bindparam("names", type_=_TEXTS))
    for position, (code, en, zh, tone, names) in enumerate(_TYPES, 1):
        label = json.dumps({"en": en, "zh_CN": zh})
        op.execute(row.bindparams(code=code, label=label, tone=tone, names=list(names), position=position))


def downgrade() -> None:
    op.drop_column("follow_ups", "public")
    op.drop_column("people", "away_until")
    op.drop_column("departments", "head_id")
    for table in ("ticket_macros", "ticket_watchers", "ticket_teams", "ticket_topics", "ticket_statuses"):
        op.drop_table(table)
    tables.drop(op, "tickets")
