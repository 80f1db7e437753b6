"""Tickets as values of a field, such as the larger one that a ticket is part of."""

from crm.domain.records.search import Finder
from crm.domain.records.source import RecordSource
from crm.domain.tickets.models import Ticket

FINDER = Finder(Ticket)
TICKETS_AS_VALUES = RecordSource(Ticket, "TICK", FINDER)
