"""The fields of a ticket, declared once for form, page, list, filter, sort and import."""

from typing import Any

from crm.domain.contacts.record_type import CONTACTS_AS_VALUES
from crm.domain.customers.source import CUSTOMERS_AS_VALUES
from crm.domain.orders.record_type import ORDERS_AS_VALUES
from crm.domain.people.queries import DEPARTMENTS
from crm.domain.records.fields import name_field, owner_field, system_fields, tags_field
from crm.domain.tickets.choices import CHANNELS, CLOSED, NEW, NORMAL, PRIORITIES, SOLVED, STATUSES
from crm.domain.tickets.headings import HEADINGS
from crm.domain.tickets.models import Ticket
from crm.domain.tickets.source import TICKETS_AS_VALUES
from crm.domain.tickets.topics import CATEGORIES
from crm.kernel.conditions import Condition
from crm.kernel.fields import Choice, Field
from crm.kernel.kinds import FieldKind
from crm.kernel.layouts import Section
from crm.kernel.permissions import Action, permission
from crm.kernel.text import N_

_IF_DONE = Condition("status", frozenset({SOLVED, CLOSED}))
_BRINGS_IN = permission("tickets", Action.IMPORT)
# As delivered; an administrator's types take their place.
TYPES = (
    Choice("complaint", N_("Complaint"), "warn", ("投诉",)),
    Choice("question", N_("Question"), aliases=("咨询",)),
    Choice("repair", N_("Repair"), aliases=("报修",)),
    Choice("return", N_("Return"), aliases=("退货",)),
    Choice("other", N_("Other"), aliases=("其他", "其它")),
)

_TICKET = (
    name_field(Ticket, N_("Subject"), headings=HEADINGS["name"]),
    Field(
        key="type",
        label=N_("Type"),
        kind=FieldKind.CHOICE,
        column=Ticket.type,
        choices=TYPES,
        default="question",
        required=True,
        headings=HEADINGS["type"],
    ),
    Field(
        key="category",
        label=N_("Category"),
        kind=FieldKind.REFERENCE,
        column=Ticket.category,
        source=CATEGORIES,
        max_length=300,
        headings=HEADINGS["category"],
    ),
    Field(
        key="priority",
        label=N_("Priority"),
        kind=FieldKind.CHOICE,
        column=Ticket.priority,
        choices=PRIORITIES,
        default=NORMAL,
        required=True,
        headings=HEADINGS["priority"],
    ),
    Field(
        key="channel",
        label=N_("Channel"),
        kind=FieldKind.CHOICE,
        column=Ticket.channel,
        choices=CHANNELS,
        headings=HEADINGS["channel"],
    ),
    Field(
        key="description",
        label=N_("Description"),
        kind=FieldKind.LONG_TEXT,
        column=Ticket.description,
        max_length=20_000,
        headings=HEADINGS["description"],
    ),
)
_WHO = (
    Field(
        key="customer",
        label=N_("Customer"),
        kind=FieldKind.LINK,
        column=Ticket.customer_id,
        source=CUSTOMERS_AS_VALUES,
        links="customers",
        max_length=400,
        help=N_("Name or number of one of the %(customers)s."),
        headings=HEADINGS["customer"],
    ),
    Field(
        key="contact",
        label=N_("Contact"),
        kind=FieldKind.LINK,
        column=Ticket.contact_id,
        source=CONTACTS_AS_VALUES,
        links="contacts",
        max_length=400,
        headings=HEADINGS["contact"],
    ),
    Field(
        key="order",
        label=N_("Order"),
        kind=FieldKind.LINK,
        column=Ticket.order_id,
        source=ORDERS_AS_VALUES,
        links="orders",
        max_length=400,
        headings=HEADINGS["order"],
    ),
    Field(
        key="part_of",
        label=N_("Part of"),
        kind=FieldKind.LINK,
        column=Ticket.parent_id,
        source=TICKETS_AS_VALUES,
        links="tickets",
        max_length=400,
        help=N_("The larger %(ticket)s that this one belongs to."),
        headings=HEADINGS["part_of"],
    ),
)
_STATUS = (
    Field(
        key="status",
        label=N_("Status"),
        kind=FieldKind.CHOICE,
        column=Ticket.status,
        choices=STATUSES,
        default=NEW,
        required=True,
        headings=HEADINGS["status"],
    ),
    Field(
        key="resolution",
        label=N_("Resolution"),
        kind=FieldKind.LONG_TEXT,
        column=Ticket.resolution,
        max_length=20_000,
        shown_if=_IF_DONE,
        headings=HEADINGS["resolution"],
    ),
    Field(
        key="needs_sales",
        label=N_("Needs sales"),
        kind=FieldKind.YES_NO,
        column=Ticket.needs_sales,
        default=False,
        help=N_("Tells whoever owns the %(customer)s and makes them a task."),
        headings=HEADINGS["needs_sales"],
    ),
)
_TIMES = (
    Field(
        key="opened",
        label=N_("Opened"),
        kind=FieldKind.DATETIME,
        column=Ticket.opened_at,
        sortable=True,
        help=N_("Left empty: now."),
        headings=HEADINGS["opened"],
    ),
    Field(
        key="responded",
        label=N_("First answer"),
        kind=FieldKind.DATETIME,
        column=Ticket.responded_at,
        needs=_BRINGS_IN,
        help=N_("Left empty: when it is first answered."),
        headings=HEADINGS["responded"],
    ),
    Field(
        key="solved",
        label=N_("Solved at"),
        kind=FieldKind.DATETIME,
        column=Ticket.solved_at,
        needs=_BRINGS_IN,
        shown_if=_IF_DONE,
        help=N_("Left empty: when it is solved."),
        headings=HEADINGS["solved"],
    ),
)


def _kept(key: str, label: str, kind: FieldKind, column: Any, *, sortable: bool = False) -> Field:
    return Field(key=key, label=label, kind=kind, column=column, editable=False, sortable=sortable)


_OF_THE_SYSTEM = (
    _kept("waits", N_("To be done by"), FieldKind.DATETIME, Ticket.waits_at, sortable=True),
    _kept("respond_due", N_("Answer due"), FieldKind.DATETIME, Ticket.respond_due_at),
    _kept("solve_due", N_("Solution due"), FieldKind.DATETIME, Ticket.solve_due_at),
    _kept("closed", N_("Closed at"), FieldKind.DATETIME, Ticket.closed_at),
    _kept("rating", N_("Rating"), FieldKind.NUMBER, Ticket.rating),
    _kept("rating_comment", N_("What the rating says"), FieldKind.LONG_TEXT, Ticket.rating_comment),
)
_TEAM = Field(
    key="team",
    label=N_("Team"),
    kind=FieldKind.LINK,
    column=Ticket.department_id,
    source=DEPARTMENTS,
    editable=False,  # of its owner; a queue is chosen by handing it over
)
_BELONGING = (owner_field(Ticket, headings=HEADINGS["owner"]), tags_field(Ticket))

SECTIONS = (
    Section("ticket", N_("What it is about"), _TICKET, wide=frozenset({"description"})),
    Section("who", N_("Whose it is"), _WHO),
    Section("status", N_("Where it stands"), _STATUS + _OF_THE_SYSTEM[:3]),
    Section("times", N_("When it was"), _TIMES + _OF_THE_SYSTEM[3:]),
    Section("belonging", N_("Belonging"), (*_BELONGING, _TEAM)),
)
EDITABLE = _TICKET + _WHO + _STATUS + _TIMES + _BELONGING
TICKET_FIELDS = (*EDITABLE, *_OF_THE_SYSTEM, _TEAM, *system_fields(Ticket))
