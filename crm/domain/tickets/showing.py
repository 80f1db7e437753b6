"""A ticket shown to people beyond their reach, because it is theirs to know."""

from collections.abc import Collection, Mapping

from sqlalchemy import select

from crm.domain.people.models import Person
from crm.domain.people.policy import actor_of
from crm.domain.people.sharing import grant, grant_many
from crm.domain.tickets.models import Ticket
from crm.infra.db import db
from crm.kernel.access import Actor, unscoped


def show_to(actor: Actor, people: Mapping[int, Collection[int]], follows: str) -> None:
    """Tickets by whom they are to be shown to, as a rule says. Whoever sees one anyway is not shown it besides."""
    pairs: list[tuple[int, Person]] = []
    for person in db.session.scalars(select(Person).where(Person.id.in_(people)).order_by(Person.id)).all():
        theirs = Ticket.visible_to(actor_of(person)).where(Ticket.id.in_(people[person.id]))
        seen = set(db.session.scalars(theirs.with_only_columns(Ticket.id)))
        pairs += [(each, person) for each in people[person.id] if each not in seen]
    grant_many(actor, "tickets", pairs, follows)


def stay_in_sight(actor: Actor, ticket_id: int) -> None:
    """Whoever writes down a ticket that goes into the queue of others goes on seeing it."""
    mine = Ticket.visible_to(actor).where(Ticket.id == ticket_id).with_only_columns(Ticket.id)
    if actor.id is None or db.session.scalar(mine) is not None:
        return
    with unscoped("it was written down by whoever is to see it"):
        ticket = db.session.get_one(Ticket, ticket_id)
    grant(actor, ticket, db.session.get_one(Person, actor.id))
