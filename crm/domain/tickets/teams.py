"""Whose turn it is: what comes into the queue of a team stays there to be claimed, or is given to one of its people."""

from collections import Counter
from collections.abc import Collection, Sequence

from sqlalchemy import func, select, update

from crm.domain.notifications.actions import Kind, News, notify
from crm.domain.people.models import Department, Person
from crm.domain.people.standing_in import is_there
from crm.domain.tickets.choices import UNDONE
from crm.domain.tickets.events import TicketRouted
from crm.domain.tickets.models import Ticket, TicketTeam
from crm.infra.db import db
from crm.kernel.access import Actor, unscoped
from crm.kernel.events import Fact, record_many

CLAIM, TURNS, LOAD = WAYS = ("claim", "turns", "load")


def give_out(actor: Actor, ids: Collection[int]) -> None:
    """Of these tickets those in a queue that gives them out. The team's row is locked, so nobody gets two turns."""
    there = Ticket.id.in_(ids), Ticket.owner_id.is_(None), Ticket.status.in_(UNDONE)
    asked = select(Ticket.id, Ticket.department_id).where(*there).order_by(Ticket.id)
    waiting: dict[int | None, list[int]] = {}
    for id_, team in db.session.execute(asked.execution_options(scoped=True)):
        waiting.setdefault(team, []).append(id_)
    giving = select(TicketTeam).where(TicketTeam.department_id.in_(waiting), TicketTeam.way != CLAIM)
    for each in db.session.scalars(giving.order_by(TicketTeam.department_id).with_for_update()):
        _give(actor, each, waiting[each.department_id])


def _give(actor: Actor, team: TicketTeam, ids: Sequence[int]) -> None:
    people = _there(team)
    if not people:
        return
    load = _load(people) if team.way == LOAD else Counter[int]()
    given: dict[int, int] = {}
    for id_ in ids:
        if team.way == LOAD:
            to = min(people, key=lambda each: load[each])
            load[to] += 1
        else:
            to = people[team.turn % len(people)]
            team.turn += 1
        given[id_] = to
    for to in sorted({*given.values()}):
        theirs = [id_ for id_, owner in given.items() if owner == to]
        change = update(Ticket).where(Ticket.id.in_(theirs)).values(owner_id=to)
        with unscoped("a team's queue gives out what lies in it"):
            db.session.execute(change.execution_options(synchronize_session="fetch"))
    named = db.session.scalar(select(Department.name).where(Department.id == team.department_id)) or ""
    facts: list[tuple[int, Fact]] = [(id_, TicketRouted(named, {"owner": [None, to]})) for id_, to in given.items()]
    record_many(actor, "tickets", facts)
    if len(given) == 1:  # what comes in by the dozen is told of as a whole by whoever brought it
        notify(Kind.ASSIGNED, [News(to, "tickets", id_) for id_, to in given.items() if to != actor.id], by=actor)


def _there(team: TicketTeam) -> list[int]:
    """In the order they were named in; whoever left, is away, or works elsewhere now, is passed over."""
    here = Person.id.in_(team.people), Person.department_id == team.department_id
    there = {each.id for each in db.session.scalars(select(Person).where(*here)) if is_there(each)}
    return [each for each in team.people if each in there]


def _load(people: Collection[int]) -> Counter[int]:
    counted = select(Ticket.owner_id, func.count()).where(
        Ticket.owner_id.in_(people), Ticket.status.in_(UNDONE), Ticket.deleted_at.is_(None)
    )
    rows = db.session.execute(counted.group_by(Ticket.owner_id).execution_options(scoped=True)).all()
    return Counter({int(row[0] or 0): int(row[1]) for row in rows})
