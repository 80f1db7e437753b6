"""Many tickets with what is promised about each: read in a few statements, whoever's they are, reckoned when asked."""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Text, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.customers.models import Customer
from crm.domain.sla.clock import Clock, Pause
from crm.domain.sla.promises import CLOCKS, RESPONSE, Policy, Promises, Step, promises
from crm.domain.tickets.choices import TO_DO
from crm.domain.tickets.models import Ticket, TicketStatus
from crm.infra.db import Model, db


class TicketStep(Model):
    """A step that was taken, so that it is not taken again; by what it was, since steps are written anew."""

    __tablename__ = "ticket_steps"

    ticket_id: Mapped[int] = mapped_column(
        ForeignKey(Ticket.id, ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    policy_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    clock: Mapped[str] = mapped_column(Text(), primary_key=True)
    percent: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    taken_at: Mapped[dt.datetime]


_READ = (
    *(Ticket.id, Ticket.type, Ticket.priority, Ticket.status, Ticket.owner_id, Ticket.department_id, Ticket.created_at),
    *(Ticket.opened_at, Ticket.responded_at, Ticket.solved_at, Ticket.escalated),
    *(Ticket.policy_id, Ticket.respond_due_at, Ticket.solve_due_at, Ticket.waits_at, Ticket.escalates_at),
)


@dataclass(frozen=True)
class Standing:
    """`ticket` is a row of its columns and the `level` of its customer; `taken` are (policy, clock, percent)."""

    ticket: Any
    known: Promises
    pauses: Sequence[Pause] = ()
    taken: frozenset[tuple[int, str, int]] = field(default=frozenset())

    @cached_property
    def policy(self) -> Policy | None:
        return self.known.of(self.ticket.type, self.ticket.priority, self.ticket.level)

    @cached_property
    def clocks(self) -> dict[str, Clock]:
        """Those there are. What is solved without an answer is thereby answered."""
        if self.policy is None:
            return {}
        calendar = self.known.calendar(self.policy, self.ticket.department_id)
        ends = {key: self.ticket.solved_at for key in CLOCKS}
        ends[RESPONSE] = self.ticket.responded_at or self.ticket.solved_at
        return {
            key: Clock(calendar, target, self.ticket.opened_at, self.pauses, ends[key])
            for key, target in self.policy.targets.items()
        }

    def due(self, key: str) -> dt.datetime | None:
        return self.clocks[key].due if key in self.clocks else None

    def steps(self) -> Iterator[tuple[dt.datetime, Step]]:
        """Those still to be taken, each with its moment. None while nobody here is to act, and none that had passed
        before the ticket came in or the policy was as it is."""
        if self.policy is None or self.ticket.status not in TO_DO:
            return
        after = max(self.ticket.created_at, self.policy.since)
        for step in self.policy.steps:
            one = self.clocks.get(step.clock)
            if one is None or one.end is not None or (self.policy.id, step.clock, step.percent) in self.taken:
                continue
            moment = one.moment(step.percent)
            if moment is not None and moment > after:
                yield moment, step


def standings(ids: Collection[int]) -> list[Standing]:
    db.session.flush()
    among = any_(literal(sorted(ids), ARRAY(BigInteger)))
    asked = select(*_READ, Customer.level).outerjoin_from(Ticket, Customer, Customer.id == Ticket.customer_id)
    past = {"scoped": True}  # what has been promised is the same for everybody
    rows = db.session.execute(asked.where(Ticket.id == among).order_by(Ticket.id).execution_options(**past)).all()
    known, pauses, taken = promises(), _pauses(among), _taken([row.id for row in rows if row.escalated])
    nothing: frozenset[tuple[int, str, int]] = frozenset()
    return [Standing(row, known, pauses.get(row.id, ()), taken.get(row.id, nothing)) for row in rows]


def _pauses(among: Any) -> dict[int, list[Pause]]:
    """While a ticket waited for its customer, or was done before it was opened again."""
    idle = select(TicketStatus.ticket_id, TicketStatus.entered_at, TicketStatus.left_at)
    idle = idle.where(TicketStatus.ticket_id == among, TicketStatus.status.not_in(TO_DO))
    found: dict[int, list[Pause]] = {}
    for ticket_id, begin, end in db.session.execute(idle.order_by(TicketStatus.entered_at, TicketStatus.id)):
        found.setdefault(ticket_id, []).append((begin, end))
    return found


def _taken(ids: Collection[int]) -> dict[int, frozenset[tuple[int, str, int]]]:
    if not ids:
        return {}
    found: dict[int, set[tuple[int, str, int]]] = {}
    for each in db.session.scalars(select(TicketStep).where(TicketStep.ticket_id.in_(ids))):
        found.setdefault(each.ticket_id, set()).add((each.policy_id, each.clock, each.percent))
    return {id_: frozenset(steps) for id_, steps in found.items()}
