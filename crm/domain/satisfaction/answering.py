"""Answering, by whoever has the link: once. What a link tells is the ticket's number and the day it was solved."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select, update

from crm.domain.notifications.actions import Kind, News, notify
from crm.domain.people.actions import SYSTEM
from crm.domain.people.models import Department, Person
from crm.domain.people.policy import actor_of, modules_in
from crm.domain.people.standing_in import is_there
from crm.domain.satisfaction.asking import hashed
from crm.domain.satisfaction.events import TicketRated
from crm.domain.satisfaction.models import Survey
from crm.domain.satisfaction.rules import rules
from crm.domain.tickets.models import Ticket
from crm.infra import clock
from crm.infra.db import db
from crm.kernel import shape
from crm.kernel.access import FieldRight, unscoped
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import record
from crm.kernel.text import N_, clean

LONGEST = 2000
RATINGS = (1, 2, 3, 4, 5)
_ALREADY = N_("This was answered before, and what was said then stays. Thank you.")


@dataclass(frozen=True)
class Asked:
    """All that a link tells. The subject is not in it: colleagues word it for each other, and links are passed on."""

    number: str
    solved_at: dt.datetime
    expires_at: dt.datetime
    answered: bool


def asked(token: str) -> Asked | None:
    """None for a link that never was, that has run out or was replaced, and for a ticket that is gone: all the same.
    The work is the same, too: one hash and one question by it."""
    found = _found(token)
    if found is None:
        return None
    survey, ticket = found
    return Asked(ticket.number, survey.solved_at, survey.expires_at, survey.answered_at is not None)


def _found(token: str, *, lock: bool = False) -> tuple[Survey, Ticket] | None:
    good = Survey.token_hash == hashed(token), Survey.expires_at > clock.now(), Ticket.deleted_at.is_(None)
    statement = select(Survey, Ticket).join(Ticket, Ticket.id == Survey.ticket_id).where(*good)
    statement = statement.execution_options(populate_existing=True)
    with unscoped("whoever has the link is asked about this one"):
        row = db.session.execute(statement.with_for_update(of=Survey) if lock else statement).first()
    return (row[0], row[1]) if row and _is_on(row[1].department_id) else None


def _is_on(department_id: int | None) -> bool:
    """Where tickets are switched off, strangers find nothing of them either."""
    return Ticket.__tablename__ in modules_in(db.session.scalar(select(shape.version())) or 0, department_id)


def answer(token: str, rating: int | None, comment: str) -> bool:
    """False where the link is not good. The same said again is said once; anything else after that is refused."""
    if rating not in RATINGS:
        raise Invalid(N_("Choose one of the five answers."), key="rating")
    said = clean(comment, lines=True) or None
    if said is not None and len(said) > LONGEST:
        raise Invalid(N_("At most %(most)s characters fit. Please shorten it."), key="comment", most=LONGEST)
    found = _found(token, lock=True)
    if found is None:
        return False
    survey, ticket = found
    if survey.answered_at is not None:
        if (survey.rating, survey.comment) != (rating, said):
            raise RuleBroken(_ALREADY)
        return True
    survey.answered_at, survey.rating, survey.comment = clock.now(), rating, said
    _note(ticket, rating, said)
    if rating <= rules().low:
        _alert(survey, ticket)
    return True


def _note(ticket: Ticket, rating: int, comment: str | None) -> None:
    """On the ticket stands what was said last."""
    now = {"rating": rating, "rating_comment": comment}
    changes = {key: [getattr(ticket, key), value] for key, value in now.items() if getattr(ticket, key) != value}
    with unscoped("whoever has the link says how content they are with this one"):
        noted = update(Ticket).where(Ticket.id == ticket.id)
        noted = noted.values(now | {"version": Ticket.version + 1, "updated_at": clock.now()})
        db.session.execute(noted.execution_options(synchronize_session=False))
        db.session.refresh(ticket)
        record(SYSTEM, ticket, TicketRated(changes))


def _alert(survey: Survey, ticket: Ticket) -> None:
    """Whoever has the ticket, whoever solved it, and the head of the team; none of them who may not read ratings."""
    ids = {ticket.owner_id, survey.agent_id, _head(survey.department_id)} - {None}
    news = [
        News(each.id, "tickets", ticket.id, f"{ticket.id}:{survey.id}")
        for each in db.session.scalars(select(Person).where(Person.id.in_(ids), Person.active).order_by(Person.id))
        if actor_of(each).right_to("tickets", "rating") >= FieldRight.READ
    ]
    notify(Kind.LOW_RATING, news)


def _head(department_id: int | None) -> int | None:
    """The nearest who leads the team, or what it belongs to, and is there."""
    department = db.session.get(Department, department_id) if department_id is not None else None
    if department is None:
        return None
    ids = [int(each) for each in department.path.strip("/").split("/")]
    rows = db.session.execute(select(Department.id, Department.head_id).where(Department.id.in_(ids))).all()
    heads = {row.id: row.head_id for row in rows}
    for id_ in reversed(ids):
        head = db.session.get(Person, heads[id_]) if heads.get(id_) is not None else None
        if head is not None and is_there(head):
            return head.id
    return None
