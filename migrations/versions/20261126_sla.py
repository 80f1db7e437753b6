"""What is promised about tickets: policies with their steps, and calendars with holidays and worked weekends."""

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from crm.domain.sla.china import announced

revision = "0047"
down_revision = "0044"
branch_labels = None
depends_on = None

_BIG, _MOMENT, _NOW = sa.BigInteger(), sa.DateTime(timezone=True), sa.text("now()")
_JSON, _LIST = postgresql.JSONB(), sa.text("'[]'")
_TEXTS, _NONE = postgresql.ARRAY(sa.Text()), sa.text("'{}'")
_OFFICE = [[[540, 1080]]] * 5 + [[], []]
# Name, priority, minutes to the first answer and to the solution; within office hours of nine hours a day.
_DELIVERED = (
    ("Urgent", "urgent", 60, 480),
    ("High", "high", 240, 1080),
    ("Normal", "normal", 540, 2700),
    ("Low", "low", 1080, 5400),
)
_STEPS = [
    {"clock": clock, "percent": percent, "tell": tell, "person_id": None, "raises": False}
    for clock in ("response", "solution")
    for percent, tell in ((80, "owner"), (100, "head"))
]


def upgrade() -> None:
    _calendars()
    _policies()
    op.create_table(
        "ticket_steps",
        sa.Column("ticket_id", _BIG, nullable=False),
        sa.Column("policy_id", _BIG, nullable=False),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("percent", _BIG, nullable=False),
        sa.Column("taken_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", "policy_id", "clock", "percent", name=op.f("pk_ticket_steps")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_steps_ticket_id"), ondelete="CASCADE"
        ),
    )
    _deliver()


def _calendars() -> None:
    op.create_table(
        "business_calendars",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("week", _JSON, nullable=False),
        sa.Column("retired_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_business_calendars")),
    )
    op.create_table(
        "calendar_days",
        sa.Column("calendar_id", _BIG, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("like", _BIG),
        sa.Column("hours", _JSON, server_default=_LIST, nullable=False),
        sa.PrimaryKeyConstraint("calendar_id", "day", name=op.f("pk_calendar_days")),
        sa.ForeignKeyConstraint(
            ["calendar_id"], ["business_calendars.id"], name=op.f("fk_calendar_days_calendar_id"), ondelete="CASCADE"
        ),
    )
    op.create_table(
        "calendar_uses",
        sa.Column("id", _BIG, sa.Identity(), nullable=False),
        sa.Column("department_id", _BIG),
        sa.Column("calendar_id", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_uses")),
        sa.ForeignKeyConstraint(["department_id"], ["departments.id"], name=op.f("fk_calendar_uses_department_id")),
        sa.ForeignKeyConstraint(["calendar_id"], ["business_calendars.id"], name=op.f("fk_calendar_uses_calendar_id")),
    )
    op.create_index("uq_calendar_uses_department", "calendar_uses", [sa.text("coalesce(department_id, 0)")], unique=True)


def _policies() -> None:
    op.create_table(
        "sla_policies",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", _BIG, nullable=False),
        *(sa.Column(each, _TEXTS, server_default=_NONE, nullable=False) for each in ("types", "priorities", "levels")),
        sa.Column("respond_minutes", _BIG),
        sa.Column("solve_minutes", _BIG),
        sa.Column("in_hours", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("steps", _JSON, server_default=_LIST, nullable=False),
        sa.Column("since", _MOMENT, server_default=_NOW, nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("retired_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_policies")),
    )
    op.create_table(
        "sla_runs",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("asked_by_id", _BIG),
        sa.Column("asked_at", _MOMENT, server_default=_NOW, nullable=False),
        sa.Column("total", _BIG),
        sa.Column("done", _BIG, server_default=sa.text("0"), nullable=False),
        sa.Column("after_id", _BIG, server_default=sa.text("0"), nullable=False),
        sa.Column("finished_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_runs")),
    )


def _deliver() -> None:
    """China, and the same week without holidays for whoever is elsewhere; policies by priority; tickets anew."""
    calendar = sa.text(
        "INSERT INTO business_calendars (name, zone, week) VALUES (:name, :zone, CAST(:week AS jsonb))"
    ).bindparams(week=json.dumps(_OFFICE))
    op.execute(calendar.bindparams(name="China", zone="Asia/Shanghai"))
    op.execute(calendar.bindparams(name="Monday to Friday", zone=""))
    day = sa.text(
        'INSERT INTO calendar_days (calendar_id, day, name, "like")'
        " SELECT id, :day, :name, :like FROM business_calendars WHERE zone <> ''"
    ).bindparams(sa.bindparam("like", type_=_BIG), sa.bindparam("day", type_=sa.Date()))
    for each in announced():
        op.execute(day.bindparams(day=each.day, name=each.name, like=0 if each.worked else None))
    policy = sa.text(
        "INSERT INTO sla_policies (name, position, priorities, respond_minutes, solve_minutes, steps)"
        " VALUES (:name, :position, :priorities, :respond, :solve, CAST(:steps AS jsonb))"
    ).bindparams(sa.bindparam("priorities", type_=_TEXTS))
    for position, (name, priority, respond, solve) in enumerate(_DELIVERED, 1):
        given = {"name": name, "position": position, "priorities": [priority], "respond": respond, "solve": solve}
        op.execute(policy.bindparams(**given, steps=json.dumps(_STEPS)))
    op.execute(sa.text("INSERT INTO sla_runs (asked_at) SELECT now() WHERE EXISTS (SELECT FROM tickets)"))
    op.execute(sa.text("UPDATE shape SET version = nextval('shape_versions')"))


def downgrade() -> None:
    op.execute(sa.text("UPDATE tickets SET policy_id = NULL, respond_due_at = NULL, solve_due_at = NULL"))
    op.execute(sa.text("UPDATE tickets SET escalates_at = NULL, escalated = 0"))
    for table in ("ticket_steps", "sla_runs", "sla_policies", "calendar_uses", "calendar_days", "business_calendars"):
        op.drop_table(table)
