"""Steps of what is promised whose moment has come: who is told, and what becomes more urgent. A worker's turns.

Whoever is told may see the ticket now; where somebody may not, or is away, it is whoever leads the team, then the one
above. Of one step nobody is told twice, however many workers there are and however one of them dies.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select, update

from crm.domain.notifications.actions import Kind, News, notify
from crm.domain.people.actions import SYSTEM
from crm.domain.people.models import Person
from crm.domain.people.policy import actor_of
from crm.domain.people.queries import names
from crm.domain.people.standing_in import heads_above, is_there
from crm.domain.sla.clock import LATE
from crm.domain.sla.promises import OWNER, PERSON, RESPONSE, SOLUTION, Step
from crm.domain.tickets import actions
from crm.domain.tickets.choices import HIGH, LOW, NORMAL, URGENT
from crm.domain.tickets.clocks import Standing, TicketStep, standings
from crm.domain.tickets.deadlines import reckon
from crm.domain.tickets.events import AnswerLate, AnswerNear, SolutionLate, SolutionNear
from crm.domain.tickets.models import Ticket
from crm.domain.tickets.queue import NEWS
from crm.infra import clock
from crm.infra.db import db
from crm.infra.news import announce
from crm.kernel import shape
from crm.kernel.access import Actor, FieldRight, Reach, unscoped
from crm.kernel.events import Fact, record_many
from crm.kernel.permissions import Action, permission
from crm.kernel.refusing import by_halves

BATCH = 200
_FACTS: Mapping[tuple[str, bool], type[AnswerNear | AnswerLate | SolutionNear | SolutionLate]] = {
    (RESPONSE, False): AnswerNear,
    (RESPONSE, True): AnswerLate,
    (SOLUTION, False): SolutionNear,
    (SOLUTION, True): SolutionLate,
}
_NEXT = {LOW: NORMAL, NORMAL: HIGH, HIGH: URGENT}
_NOBODY = "–"
_SAYS = {RESPONSE: "respond_due", SOLUTION: "solve_due"}  # fields, which may be kept from somebody


@dataclass
class _Turn:
    now: dt.datetime
    facts: list[tuple[int, Fact]] = field(default_factory=list)
    news: dict[Kind, list[News]] = field(default_factory=dict)
    raised: dict[int, str] = field(default_factory=dict)
    actors: dict[int, Actor | None] = field(default_factory=dict)

    def actor(self, person_id: int) -> Actor | None:
        """Of whoever has an account and is there today."""
        if person_id not in self.actors:
            person = db.session.get(Person, person_id)
            self.actors[person_id] = actor_of(person) if person is not None and is_there(person) else None
        return self.actors[person_id]


def step() -> int:
    """One batch, one transaction; returns how many tickets. By ix_tickets_escalates."""
    turn = _Turn(clock.now())
    due = select(Ticket.id).where(Ticket.escalates_at <= turn.now, Ticket.deleted_at.is_(None))
    due = due.order_by(Ticket.escalates_at).limit(BATCH).with_for_update(skip_locked=True)
    ids = db.session.scalars(due.execution_options(scoped=True)).all()
    for each in standings(ids) if ids else ():
        passed = [one for moment, one in sorted(each.steps(), key=lambda pair: pair[0]) if moment <= turn.now]
        if passed:
            _take(turn, each, passed)
    _keep(turn, ids)
    return len(ids)


def _take(turn: _Turn, standing: Standing, steps: Sequence[Step]) -> None:
    ticket, policy = standing.ticket, standing.policy
    assert policy is not None
    told: dict[tuple[str, int], tuple[Kind, int]] = {}  # of several steps somebody is told the last one
    for each in steps:
        late = each.percent >= 100 or standing.clocks[each.clock].state(turn.now) == LATE
        people = _whom(turn, standing, each)
        known = names(people)
        listed = ", ".join(known[one] for one in people if one in known)
        turn.facts.append((ticket.id, _FACTS[each.clock, late](each.percent, listed or _NOBODY)))
        told |= {(each.clock, one): (Kind.SLA_LATE if late else Kind.SLA_NEAR, each.percent) for one in people}
        if each.raises and ticket.priority in _NEXT:
            turn.raised[ticket.id] = _NEXT[ticket.priority]
    for (about, person), (kind, percent) in told.items():
        news = News(person, "tickets", ticket.id, f"{ticket.id}:{policy.id}:{about}:{percent}")
        turn.news.setdefault(kind, []).append(news)
    taken = {(each.clock, each.percent) for each in steps}
    rows = [
        TicketStep(ticket_id=ticket.id, policy_id=policy.id, clock=c, percent=p, taken_at=turn.now) for c, p in taken
    ]
    db.session.add_all(rows)
    more = update(Ticket).where(Ticket.id == ticket.id).values(escalated=Ticket.escalated + len(rows))
    with unscoped("a promise is kept whoever may see it"):
        db.session.execute(more.execution_options(synchronize_session="fetch"))


def _whom(turn: _Turn, standing: Standing, step: Step) -> list[int]:
    """The person or the owner it says; where they may not see it or are away, the nearest head who is there."""
    ticket = standing.ticket
    first = {OWNER: ticket.owner_id, PERSON: step.person_id}.get(step.tell)
    heads = heads_above(ticket.department_id, besides=ticket.owner_id) or heads_above(ticket.department_id)
    return list(_first(turn, ticket.id, step.clock, [*([first] if first is not None else []), *heads]))


def _first(turn: _Turn, ticket_id: int, about: str, candidates: Iterable[int]) -> Iterable[int]:
    for each in candidates:
        actor = turn.actor(each)
        if actor is None or actor.right_to("tickets", _SAYS[about]) < FieldRight.READ:
            continue
        seen = Ticket.visible_to(actor).where(Ticket.id == ticket_id).with_only_columns(Ticket.id)
        if db.session.scalar(seen) is not None:
            return (each,)
    return ()


def _keep(turn: _Turn, ids: Sequence[int]) -> None:
    for kind, news in turn.news.items():
        notify(kind, news)
    record_many(SYSTEM, "tickets", turn.facts)
    # Where rules of the fields refuse it, it stays as urgent as it was, and nobody else has to wait for that.
    by_halves(sorted(turn.raised.items()), _raise, lambda _, error: 0)
    if ids:
        reckon(ids)
        announce(NEWS)


def _raise(some: Sequence[tuple[int, str]]) -> list[int]:
    return actions.change_many(_system(), [(id_, {"priority": to}) for id_, to in some])


def _system() -> Actor:
    """Allowed to make any ticket more urgent."""
    may = {permission("tickets", each): Reach.ALL for each in (Action.READ, Action.EDIT)}
    return Actor(None, SYSTEM.name, reach=may, shape=db.session.scalar(select(shape.version())) or 0)
