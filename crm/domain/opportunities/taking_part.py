"""Who takes part in a deal, and as what."""

from typing import Any

from sqlalchemy import Select, select

from crm.domain.contacts.models import Contact
from crm.domain.opportunities.events import OpportunityContactAdded, OpportunityContactRemoved
from crm.domain.opportunities.models import Opportunity, OpportunityContact
from crm.domain.records.changing import touch
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid
from crm.kernel.events import record
from crm.kernel.text import N_


def add_contact(actor: Actor, one: Opportunity, contact_id: int, role: str | None) -> None:
    """Or give one that is there another role. Raises Invalid for a contact that the actor cannot see."""
    seen = Contact.visible_to(actor).where(Contact.id == contact_id).with_only_columns(Contact.id)
    if db.session.scalar(seen) is None:
        raise Invalid(N_("There is no such contact."))
    there = db.session.get(OpportunityContact, (one.id, contact_id))
    if there is not None and there.role == role:
        return
    if there is None:
        db.session.add(OpportunityContact(opportunity_id=one.id, contact_id=contact_id, role=role))
    else:
        there.role = role
    touch(one)
    record(actor, one, OpportunityContactAdded(contact_id, role))


def remove_contact(actor: Actor, one: Opportunity, contact_id: int) -> None:
    there = db.session.get(OpportunityContact, (one.id, contact_id))
    if there is None:
        return
    db.session.delete(there)
    touch(one)
    record(actor, one, OpportunityContactRemoved(contact_id, there.role))


def taking_part(actor: Actor, one: Opportunity) -> list[tuple[Contact, str | None]]:
    """Those of them that the actor can see."""
    known = OpportunityContact
    statement: Select[Any] = Contact.visible_to(actor).join(known, known.contact_id == Contact.id)
    statement = statement.where(known.opportunity_id == one.id).add_columns(known.role)
    return [
        (contact, role) for contact, role in db.session.execute(statement.order_by(known.added_at, known.contact_id))
    ]


def how_many(one: Opportunity) -> int:
    """Those included that somebody cannot see."""
    known = select(OpportunityContact.contact_id).where(OpportunityContact.opportunity_id == one.id)
    return len(db.session.scalars(known).all())
