"""Tickets, as the surfaces that serve every type of record see them."""

from crm.domain.records.matching import Matching
from crm.domain.tickets.actions import VERBS
from crm.domain.tickets.fields import SECTIONS
from crm.domain.tickets.likeness import LIKENESS
from crm.domain.tickets.models import Ticket
from crm.domain.tickets.queries import BIN, TICKETS
from crm.kernel.records import RecordType
from crm.kernel.text import N_

TICKET = RecordType(
    key="tickets",
    entity=Ticket,
    label=N_("Ticket"),
    label_plural=N_("Tickets"),
    icon="inbox",
    letter="k",
    list=TICKETS,
    bin=BIN,
    sections=SECTIONS,
    badges=("status", "priority"),
    beside=("type", "status", "priority"),
    verbs=VERBS,
    matching=Matching(Ticket, "customer", Ticket.customer_id),
    likeness=LIKENESS,
)
