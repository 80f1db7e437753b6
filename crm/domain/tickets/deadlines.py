"""What has been promised about a ticket and its place in the queue, reckoned anew from its history in every write that
they depend on: no clock ticks."""

from collections.abc import Collection

from sqlalchemy import DateTime, Interval, case, cast, func, literal, update

from crm.domain.tickets.choices import HIGH, LOW, NORMAL, TO_DO, URGENT
from crm.domain.tickets.models import Ticket
from crm.infra.db import db
from crm.kernel.access import unscoped

DEPEND_ON = frozenset({"status", "priority", "type", "customer", "opened", "responded", "solved", "owner"})
# Where nothing is promised: how long one of a priority may wait before it stands above what came later.
_PATIENCE = {URGENT: "1 hour", HIGH: "8 hours", NORMAL: "3 days", LOW: "10 days"}


def reckon(ids: Collection[int]) -> None:
    """Of these tickets, whoever's they are."""
    _place(ids)


def _place(ids: Collection[int]) -> None:
    """The next thing that is due; where nothing is, by priority and age."""
    wait = case(_PATIENCE, value=Ticket.priority, else_=_PATIENCE[NORMAL])
    unasked = Ticket.opened_at + cast(wait, Interval)
    answer = case((Ticket.responded_at.is_(None), Ticket.respond_due_at))
    due = func.coalesce(func.least(answer, Ticket.solve_due_at), unasked)
    place = case((Ticket.status.in_(TO_DO), due), else_=cast(literal(None), DateTime(timezone=True)))
    moved = update(Ticket).where(Ticket.id.in_(ids), Ticket.waits_at.is_distinct_from(place)).values(waits_at=place)
    with unscoped("what has been promised is the same for everybody"):
        db.session.execute(moved.execution_options(synchronize_session="fetch"))
