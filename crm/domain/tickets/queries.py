"""Reading tickets: the list with its views, its recycle bin, and the statuses one has been in."""

from collections.abc import Sequence

from sqlalchemy import select

from crm.domain.records.queries import bin_of
from crm.domain.tickets.choices import NEW, OPEN, UNDONE, WAITING
from crm.domain.tickets.fields import TICKET_FIELDS
from crm.domain.tickets.models import Ticket, TicketStatus
from crm.domain.tickets.source import FINDER
from crm.infra.db import db
from crm.kernel.access import Reach
from crm.kernel.listing import ListSpec
from crm.kernel.text import N_
from crm.kernel.views import Delivered

_UNDONE = ("status__in", ",".join(UNDONE))
TICKETS = ListSpec(
    entity=Ticket,
    fields=TICKET_FIELDS,
    columns=("type", "customer", "priority", "status", "waits", "owner", "updated"),
    always=(Ticket.name, Ticket.number, Ticket.owner_id, Ticket.department_id, Ticket.status),
    search=FINDER.matching,
    sort="-updated",
    named=FINDER.named,
    called=FINDER.called,
    with_custom=True,
    views=(
        Delivered(N_("Mine"), (("owner__of", "me"), _UNDONE)),
        Delivered(N_("My team's"), (("owner__of", "my_branch"), _UNDONE), Reach.DEPARTMENT),
        Delivered(N_("In the queue"), (("owner__empty", "1"), ("status__in", f"{NEW},{OPEN}"))),
        Delivered(N_("Waiting for the customer"), (("status__in", WAITING),)),
    ),
)
BIN = bin_of(Ticket, FINDER, N_("Subject"))


def statuses_of(ticket: Ticket) -> Sequence[TicketStatus]:
    """The oldest first."""
    statement = select(TicketStatus).filter_by(ticket_id=ticket.id)
    return db.session.scalars(statement.order_by(TicketStatus.entered_at, TicketStatus.id)).all()
