"""Whoever watches a ticket is told what becomes of it, as long as they may see it."""

from collections.abc import Collection, Sequence

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from crm.domain.notifications.actions import Kind, News, notify
from crm.domain.people.models import Person
from crm.domain.tickets.models import Ticket, TicketWatcher
from crm.infra.db import db
from crm.kernel.access import Actor


def watch(actor: Actor, ticket: Ticket) -> None:
    """Twice is once."""
    row = {"ticket_id": ticket.id, "person_id": actor.id}
    db.session.execute(insert(TicketWatcher).values(row).on_conflict_do_nothing())


def unwatch(actor: Actor, ticket: Ticket) -> None:
    mine = TicketWatcher.ticket_id == ticket.id, TicketWatcher.person_id == actor.id
    db.session.execute(delete(TicketWatcher).where(*mine))


def watchers(ticket: Ticket) -> Sequence[Person]:
    """In the order in which they came."""
    found = select(Person).join(TicketWatcher, TicketWatcher.person_id == Person.id)
    return db.session.scalars(
        found.where(TicketWatcher.ticket_id == ticket.id).order_by(TicketWatcher.since, Person.id)
    ).all()


def tell_watchers(actor: Actor, ids: Collection[int], of: str = "") -> None:
    """And their owners. Of each state of a ticket once, and of all that is said: `of` names it."""
    if not ids:
        return
    db.session.flush()
    rows = db.session.execute(
        select(Ticket.id, Ticket.version, Ticket.owner_id).where(Ticket.id.in_(ids)).execution_options(scoped=True)
    ).all()
    watching = select(TicketWatcher.ticket_id, TicketWatcher.person_id).where(TicketWatcher.ticket_id.in_(ids))
    told = {(row.ticket_id, row.person_id) for row in db.session.execute(watching)}
    told |= {(row.id, row.owner_id) for row in rows if row.owner_id is not None}
    versions = {row.id: row.version for row in rows}
    news = [
        News(person, "tickets", id_, f"{id_}:{of or versions[id_]}")
        for id_, person in sorted(told)
        if person != actor.id and id_ in versions
    ]
    notify(Kind.TICKET_NEWS, news, by=actor)
