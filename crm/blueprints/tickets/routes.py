"""Tickets: what every record has, and besides it the queue, answers, macros and watching."""

from crm.domain.tickets.record_type import TICKET
from crm.web.records import record_blueprint

bp = record_blueprint(TICKET)
