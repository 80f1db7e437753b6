"""What a status brings about: the moments a ticket keeps, and the history its clocks are reckoned from."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select, update

from crm.domain.tickets.choices import CLOSED, DONE, NEW
from crm.domain.tickets.models import Ticket, TicketStatus
from crm.domain.tickets.topics import topics_of
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.bulk import copy_rows
from crm.kernel.errors import Invalid
from crm.kernel.text import N_

DERIVED = ("closed_at",)
_DEEPEST = 5
_BEFORE = N_("It cannot have been before it was opened.")
_LOOP = N_("This %(ticket)s is itself part of that one, or they would be nested too deeply.")
_AGREE = dt.timedelta(minutes=1)  # forms know minutes only


def check(actor: Actor, values: Mapping[str, Any], ticket: Ticket | None) -> None:
    opened = values.get("opened") or (ticket.opened_at if ticket is not None else None)
    for key in ("responded", "solved"):
        moment = values.get(key)
        if moment is not None and opened is not None and moment < opened - _AGREE:
            raise Invalid(_BEFORE, key=key)
    if ticket is not None and values.get("part_of") is not None:
        _check_parent(ticket.id, values["part_of"])


def _check_parent(ticket_id: int, parent_id: int | None) -> None:
    """Whoever's the ones above it are."""
    for _ in range(_DEEPEST):
        if parent_id is None:
            return
        if parent_id == ticket_id:
            break
        above = select(Ticket.parent_id).where(Ticket.id == parent_id).execution_options(scoped=True)
        parent_id = db.session.scalar(above)
    raise Invalid(_LOOP, key="part_of")


def complete(actor: Actor, columns: dict[str, Any], ticket: Ticket | None) -> None:
    if ticket is None:
        _begin(actor, columns)
        return
    status = columns.get("status", ticket.status)
    if "opened_at" in columns and columns["opened_at"] is None:
        columns["opened_at"] = ticket.opened_at
    if status in DONE and ticket.status not in DONE:
        columns.setdefault("solved_at", clock.now())
    elif status not in DONE and ticket.status in DONE:
        columns |= {"solved_at": None, "closed_at": None}
    if status == CLOSED and ticket.status != CLOSED:
        columns["closed_at"] = clock.now()


def _begin(actor: Actor, columns: dict[str, Any]) -> None:
    topics = topics_of(actor)
    now = clock.now()
    columns["type"] = columns["type"] or next((each.code for each in topics.offered_types), "other")
    if columns["status"] in DONE and columns["opened_at"] is None:  # of a day in the past nobody knows when
        columns["solved_at"] = columns["solved_at"] or now
    known = (columns["responded_at"], columns["solved_at"], now)
    columns["opened_at"] = columns["opened_at"] or min(each for each in known if each is not None)
    columns["needs_sales"] = bool(columns["needs_sales"])
    if columns["status"] == CLOSED:
        columns["closed_at"] = columns["solved_at"]
    if columns["owner_id"] is None:
        own = actor.department_id if actor.id is None else None  # a form of the public's names the team itself
        team = own if own in topics.teams else topics.team_of(columns["type"], columns["category"])
        columns["department_id"] = team or columns["department_id"]


def begin(actor: Actor, ids: Collection[int]) -> None:
    """Note the status these new tickets have. One that comes in solved was new until then."""
    columns = (Ticket.id, Ticket.status, Ticket.owner_id, Ticket.opened_at, Ticket.solved_at)
    asked = select(*columns).where(Ticket.id.in_(ids)).order_by(Ticket.id).execution_options(scoped=True)
    rows: list[tuple[Any, ...]] = []
    for id_, status, owner, opened, solved in db.session.execute(asked).all():
        entered = solved if status in DONE and solved and solved > opened else opened
        if entered != opened:
            rows.append((id_, NEW, owner, actor.id, opened, entered))
        rows.append((id_, status, owner, actor.id, entered, None))
    copy_rows("ticket_statuses", ("ticket_id", "status", "owner_id", "actor_id", "entered_at", "left_at"), rows)


def move(actor: Actor, ids: Collection[int]) -> None:
    """Out of the status they were in, into the one they are in now."""
    if not ids:
        return
    now = clock.now()
    here = TicketStatus.ticket_id.in_(ids), TicketStatus.left_at.is_(None)
    left = update(TicketStatus).where(*here).values(left_at=now)
    db.session.execute(left.execution_options(synchronize_session=False))
    asked = select(Ticket.id, Ticket.status, Ticket.owner_id).where(Ticket.id.in_(ids)).order_by(Ticket.id)
    rows = db.session.execute(asked.execution_options(scoped=True)).all()
    columns = ("ticket_id", "status", "owner_id", "actor_id", "entered_at")
    copy_rows("ticket_statuses", columns, ((*row, actor.id, now) for row in rows))
