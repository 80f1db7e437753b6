"""A team's queue: what is to be done first, taking one from it, and handing one over."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, tuple_, update

from crm.domain.people.models import Department
from crm.domain.tickets.choices import UNDONE, WAITING
from crm.domain.tickets.deadlines import reckon
from crm.domain.tickets.events import TicketClaimed, TicketRouted
from crm.domain.tickets.models import Ticket, TicketTeam
from crm.domain.tickets.teams import give_out
from crm.infra import clock
from crm.infra.db import db
from crm.infra.news import announce
from crm.kernel.access import Actor, Reach
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import record
from crm.kernel.permissions import Action, permission
from crm.kernel.text import N_

PAGE = 25
MOST = 999  # counted no further
MINE, UNOWNED, ALL, PAUSED = SHOWN = ("mine", "unowned", "all", "waiting")
NEWS = "tickets"
_QUICKER = N_("Somebody else was quicker: this %(ticket)s is not in the queue any more.")
_ANOTHER_TEAM = N_("This %(ticket)s lies in the queue of another team: ask them to hand it over.")
_MAY_EDIT = permission("tickets", Action.EDIT)
_MAY_ASSIGN = permission("tickets", Action.ASSIGN)


@dataclass(frozen=True)
class Place:
    """After which ticket a page of the queue begins."""

    at: Any
    id: int


def _which(actor: Actor, team: int | None, shown: str) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [Ticket.status == WAITING] if shown == PAUSED else [Ticket.waits_at.is_not(None)]
    if shown == MINE:
        where.append(Ticket.owner_id == actor.id)
    elif team is not None:
        where.append(Ticket.department_id == team)
    if shown == UNOWNED:
        where.append(Ticket.owner_id.is_(None))
    return where


def page(actor: Actor, team: int | None, shown: str, after: Place | None = None) -> Sequence[Ticket]:
    """One more than are shown. A range of one index: by owner, by team or, for whoever sees everything, of all."""
    statement = Ticket.visible_to(actor).where(*_which(actor, team, shown))
    at = Ticket.updated_at if shown == PAUSED else Ticket.waits_at
    if after is not None:
        statement = statement.where(tuple_(at, Ticket.id) > (after.at, after.id), at >= after.at)
    return db.session.scalars(statement.order_by(at, Ticket.id).limit(PAGE + 1)).all()


def cursor_of(ticket: Ticket, shown: str) -> str:
    at = ticket.updated_at if shown == PAUSED else ticket.waits_at
    return f"{at.isoformat() if at else ''}_{ticket.id}"


def place_of(cursor: str) -> Place | None:
    """None where it says nothing that makes sense: then the queue is shown from its beginning."""
    at, _, id_ = cursor.rpartition("_")
    try:
        moment = dt.datetime.fromisoformat(at).astimezone(dt.UTC) if at else None
        return Place(moment, int(id_)) if moment and len(id_) < 19 else None
    except (ValueError, OverflowError):
        return None


def standing(actor: Actor, team: int | None, shown: str) -> str:
    """Something else when anything on the first page is: a ticket that came, went or changed."""
    rows = page(actor, team, shown)
    return "-".join(f"{each.id}.{each.version}" for each in rows[:PAGE])


def count(actor: Actor, team: int | None, shown: str) -> int:
    """Up to MOST + 1."""
    few = Ticket.visible_to(actor).where(*_which(actor, team, shown)).with_only_columns(Ticket.id).limit(MOST + 1)
    return db.session.scalar(select(func.count()).select_from(few.subquery()).execution_options(scoped=True)) or 0


def teams(actor: Actor) -> list[Department]:
    """Those whose queues are open to the actor, in their order."""
    reach = actor.reach_of(Ticket.read_permission)
    known = select(Department).join(TicketTeam, TicketTeam.department_id == Department.id)
    if reach is not Reach.ALL:
        known = known.where(Department.id.in_(actor.pools | actor.departments(Ticket.read_permission)))
    return list(db.session.scalars(known.order_by(TicketTeam.position)))


def all_teams() -> list[Department]:
    """Those that have a queue, in their order."""
    known = select(Department).join(TicketTeam, TicketTeam.department_id == Department.id)
    return list(db.session.scalars(known.where(Department.closed_at.is_(None)).order_by(TicketTeam.position)))


def may_claim(actor: Actor, ticket: Ticket) -> bool:
    """It lies in a queue that is open to the actor. Who is only shown it does not take it out of there."""
    if ticket.owner_id is not None or not actor.may(_MAY_EDIT):
        return False
    open_to = actor.pools | actor.departments(_MAY_EDIT)
    return ticket.department_id is None or ticket.department_id in open_to or actor.holds(ticket, _MAY_EDIT)


def claim(actor: Actor, ticket: Ticket) -> None:
    """One whose queue is open to the actor. The database decides who was first, so nobody has to wait for a lock."""
    if not may_claim(actor, ticket):
        raise RuleBroken(_QUICKER if ticket.owner_id is not None else _ANOTHER_TEAM)
    now, before = clock.now(), ticket.department_id
    taken = {
        "owner_id": actor.id,
        "department_id": actor.department_id,
        "version": Ticket.version + 1,
        "updated_at": now,
    }
    there = Ticket.id == ticket.id, Ticket.owner_id.is_(None), Ticket.deleted_at.is_(None)
    same = Ticket.department_id.is_not_distinct_from(ticket.department_id)  # nor handed to another team meanwhile
    first = update(Ticket).where(*there, same).values(taken)
    won = db.session.scalar(first.returning(Ticket.id).execution_options(scoped=True, synchronize_session=False))
    if won is None:
        raise RuleBroken(_QUICKER)
    db.session.refresh(ticket)
    record(actor, ticket, TicketClaimed({"owner": [None, actor.id]}))
    if ticket.department_id != before:  # other hours may count there
        reckon([ticket.id])
    announce(NEWS)


def hand_over(actor: Actor, ticket: Ticket, team_id: int) -> None:
    """Into the queue of another team, which gives it out as it always does."""
    if not (actor.holds(ticket, _MAY_EDIT) and (ticket.owner_id == actor.id or actor.holds(ticket, _MAY_ASSIGN))):
        raise RuleBroken(N_("You may not give this to someone else."))
    known = select(Department.name).join(TicketTeam, TicketTeam.department_id == Department.id)
    named = db.session.scalar(known.where(Department.id == team_id, Department.closed_at.is_(None)))
    if named is None:
        raise Invalid(N_("Choose a team that has a queue."), key="team")
    before = ticket.owner_id
    ticket.owner_id, ticket.department_id = None, team_id
    ticket.version, ticket.updated_at = ticket.version + 1, clock.now()
    record(actor, ticket, TicketRouted(named, {"owner": [before, None]}))
    db.session.flush()
    give_out(actor, [ticket.id])
    reckon([ticket.id])
    announce(NEWS)


def beside(actor: Actor, ticket: Ticket, most: int = 5) -> Sequence[Ticket]:
    """What else its customer, or whoever it is from, has asked for: the newest first."""
    whose = [Ticket.customer_id == ticket.customer_id] if ticket.customer_id is not None else []
    if ticket.contact_id is not None:
        whose.append(Ticket.contact_id == ticket.contact_id)
    if not whose:
        return []
    others = Ticket.visible_to(actor).where(or_(*whose), Ticket.id != ticket.id)
    return db.session.scalars(others.order_by(Ticket.opened_at.desc(), Ticket.id.desc()).limit(most)).all()


def undone_parts(actor: Actor, ticket: Ticket, *, lock: bool = False) -> Sequence[Ticket]:
    """What it consists of and is not done, as far as the actor may work on it."""
    parts = Ticket.visible_to(actor).where(Ticket.parent_id == ticket.id, Ticket.status.in_(UNDONE))
    parts = parts.order_by(Ticket.id).execution_options(populate_existing=lock)
    found = db.session.scalars(parts.with_for_update(of=Ticket) if lock else parts).all()
    return [each for each in found if actor.holds(each, _MAY_EDIT)]
