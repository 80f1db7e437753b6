"""Tickets: what customers ask for, complain about or send back, and what is shaped around them."""

import datetime as dt

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.contacts.models import Contact
from crm.domain.customers.models import Customer
from crm.domain.orders.models import Order
from crm.domain.people.models import Department, Person
from crm.domain.records.models import Kept, kept_indexes, pool_indexes, tag_index
from crm.domain.records.numbers import Numbers, sequence
from crm.domain.tasks.models import Task
from crm.domain.tickets.choices import NEW, NORMAL
from crm.infra.db import Model
from crm.kernel.permissions import Action, permission

NUMBERS = Numbers("tickets", "TICK", sequence("tickets"))
_THERE = "deleted_at IS NULL"
_WAITS = f"waits_at IS NOT NULL AND {_THERE}"


class Ticket(Kept, Model):
    """Its department is the team it lies with: of its owner, or whose queue it waits in while nobody owns it."""

    __tablename__ = "tickets"
    read_permission = permission("tickets", Action.READ)
    pooled = True
    __table_args__ = (
        *kept_indexes("tickets"),
        *pool_indexes("tickets"),
        tag_index("tickets"),
        Index("ix_tickets_name_key", "name_key"),  # exact duplicates
        Index("ix_tickets_customer_id", "customer_id", postgresql_where=text("customer_id IS NOT NULL")),
        Index("ix_tickets_contact_id", "contact_id", postgresql_where=text("contact_id IS NOT NULL")),
        Index("ix_tickets_order_id", "order_id", postgresql_where=text("order_id IS NOT NULL")),
        Index("ix_tickets_parent_id", "parent_id", postgresql_where=text("parent_id IS NOT NULL")),
        Index("ix_tickets_opened", "opened_at", "id", postgresql_where=text(_THERE)),
        # The queue: of everybody, of a team, of one or of nobody, what is to be answered first.
        Index("ix_tickets_waits", "waits_at", "id", postgresql_where=text(_WAITS)),
        Index("ix_tickets_department_waits", "department_id", "waits_at", "id", postgresql_where=text(_WAITS)),
        Index("ix_tickets_owner_waits", "owner_id", "waits_at", "id", postgresql_where=text(_WAITS)),
        Index(
            "ix_tickets_unowned_waits",
            "department_id",
            "waits_at",
            "id",
            postgresql_where=text(f"owner_id IS NULL AND {_WAITS}"),
        ),
        Index(
            "ix_tickets_paused",
            "department_id",
            "updated_at",
            "id",
            postgresql_where=text(f"status = 'waiting' AND {_THERE}"),
        ),
        Index("ix_tickets_escalates", "escalates_at", postgresql_where=text(f"escalates_at IS NOT NULL AND {_THERE}")),
        Index("ix_tickets_sales_task", "sales_task_id", postgresql_where=text("sales_task_id IS NOT NULL")),
    )

    type: Mapped[str]
    category: Mapped[str | None]  # codes of a tree: what is below 001 begins with it
    priority: Mapped[str] = mapped_column(default=NORMAL)
    status: Mapped[str] = mapped_column(default=NEW)
    channel: Mapped[str | None]
    description: Mapped[str | None]
    resolution: Mapped[str | None]
    tags: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey(Customer.id, ondelete="SET NULL"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey(Contact.id, ondelete="SET NULL"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey(Order.id, ondelete="SET NULL"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="SET NULL"))
    needs_sales: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    sales_task_id: Mapped[int | None] = mapped_column(ForeignKey(Task.id, ondelete="SET NULL"))
    opened_at: Mapped[dt.datetime]
    responded_at: Mapped[dt.datetime | None]  # the first public answer
    solved_at: Mapped[dt.datetime | None]
    closed_at: Mapped[dt.datetime | None]
    # What has been promised, as deadlines.py reckons it in every write it depends on.
    policy_id: Mapped[int | None]
    respond_due_at: Mapped[dt.datetime | None]
    solve_due_at: Mapped[dt.datetime | None]
    waits_at: Mapped[dt.datetime | None]  # its place in the queue; empty while nobody here is to act
    escalates_at: Mapped[dt.datetime | None]  # the moment of the next step
    escalated: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # steps taken
    rating: Mapped[int | None]  # 1 to 5, by the customer
    rating_comment: Mapped[str | None]
    name_key: Mapped[str]  # derived from the name in every write


class TicketStatus(Model):
    """Every status a ticket has been in, from the moment it was opened: what its clocks are reckoned from."""

    __tablename__ = "ticket_statuses"
    __table_args__ = (
        Index("ix_ticket_statuses_ticket", "ticket_id", "entered_at"),
        Index("ix_ticket_statuses_status", "status", "entered_at"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey(Ticket.id, ondelete="CASCADE"))
    status: Mapped[str]
    entered_at: Mapped[dt.datetime]
    left_at: Mapped[dt.datetime | None]
    actor_id: Mapped[int | None]
    owner_id: Mapped[int | None]


class TicketTopic(Model):
    """A type or a category (`kind`). Nothing is ever deleted: tickets go on having it.

    `code` is what tickets keep: of a type a key, of a category the three digits of each level, 001002.
    """

    __tablename__ = "ticket_topics"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    code: Mapped[str]
    label: Mapped[dict[str, str]] = mapped_column(JSONB)  # language → words
    names: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default=text("'{}'"))  # in files
    tone: Mapped[str] = mapped_column(default="", server_default=text("''"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey(Department.id))  # whose queue it waits in
    position: Mapped[int]
    retired_at: Mapped[dt.datetime | None]
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))  # of its words, as somebody edits them


class TicketTeam(Model):
    """How a department gives out what comes into its queue. The first one also gets what no topic says a team of."""

    __tablename__ = "ticket_teams"

    department_id: Mapped[int] = mapped_column(ForeignKey(Department.id), primary_key=True)
    way: Mapped[str]
    people: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), default=list, server_default=text("'{}'"))
    turn: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    position: Mapped[int]


class TicketWatcher(Model):
    __tablename__ = "ticket_watchers"
    __table_args__ = (Index("ix_ticket_watchers_person", "person_id"),)

    ticket_id: Mapped[int] = mapped_column(ForeignKey(Ticket.id, ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), primary_key=True)
    since: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class TicketMacro(Model):
    """Words and steps that are written again and again: `body` per language, with places such as {{number}}."""

    __tablename__ = "ticket_macros"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    body: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    public: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    status: Mapped[str | None]
    position: Mapped[int]
    retired_at: Mapped[dt.datetime | None]
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
