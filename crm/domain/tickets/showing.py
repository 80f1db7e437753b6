"""A ticket shown to people beyond their reach, because it is theirs to know."""

from collections.abc import Collection

from sqlalchemy import select

from crm.domain.people.models import Person
from crm.domain.people.policy import actor_of
from crm.domain.people.sharing import grant
from crm.domain.tickets.models import Ticket
from crm.infra.db import db
from crm.kernel.access import Actor, unscoped


def show_to(actor: Actor, ticket: Ticket, people: Collection[int]) -> None:
    """Whoever sees it anyway is not shown it besides."""
    for person in db.session.scalars(select(Person).where(Person.id.in_(people)).order_by(Person.id)):
        seen = Ticket.visible_to(actor_of(person)).where(Ticket.id == ticket.id).with_only_columns(Ticket.id)
        if db.session.scalar(seen) is None:
            grant(actor, ticket, person)


def stay_in_sight(actor: Actor, ticket_id: int) -> None:
    """Whoever writes down a ticket that goes into the queue of others goes on seeing it."""
    mine = Ticket.visible_to(actor).where(Ticket.id == ticket_id).with_only_columns(Ticket.id)
    if actor.id is None or db.session.scalar(mine) is not None:
        return
    with unscoped("it was written down by whoever is to see it"):
        ticket = db.session.get_one(Ticket, ticket_id)
    grant(actor, ticket, db.session.get_one(Person, actor.id))
