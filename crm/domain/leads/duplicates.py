"""Who is there already when a lead is converted: the same name, phone or mail address, among what the actor may see."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from crm.domain.contacts.models import Contact
from crm.domain.contacts.queries import FINDER as CONTACTS
from crm.domain.customers.models import Customer
from crm.domain.customers.search import FINDER as CUSTOMERS
from crm.domain.leads.models import Lead
from crm.domain.records.search import Finder
from crm.infra.db import db
from crm.kernel.access import Actor, FieldRight
from crm.kernel.text import N_, name_key

MOST = 5
BY_NAME, BY_PHONE, BY_MAIL = N_("same name"), N_("same phone"), N_("same e-mail")


@dataclass(frozen=True)
class Like:
    """`why` is a gettext id; `customer_id` of a contact is where it works."""

    id: int
    name: str
    number: str
    why: str
    customer_id: int | None = None


def customers_like(actor: Actor, lead: Lead) -> list[Like]:
    return _like(actor, Customer, CUSTOMERS, lead, lead.company or lead.name)


def contacts_like(actor: Actor, lead: Lead) -> list[Like]:
    return _like(actor, Contact, CONTACTS, lead, lead.name)


def _like(actor: Actor, entity: Any, finder: Finder, lead: Lead, name: str) -> list[Like]:
    """Each once, with the first reason. The index of names and that of words answer."""
    if not actor.may(entity.read_permission):
        return []
    found: dict[int, Like] = {}
    for why, statement in _questions(actor, entity, finder, lead, name):
        rows: Sequence[Any] = db.session.scalars(statement.order_by(entity.id).limit(MOST)).all()
        for each in rows:
            found.setdefault(each.id, Like(each.id, each.name, each.number, why, getattr(each, "customer_id", None)))
    return list(found.values())[:MOST]


def _questions(actor: Actor, entity: Any, finder: Finder, lead: Lead, name: str) -> Iterator[tuple[str, Any]]:
    yield BY_NAME, entity.visible_to(actor).where(entity.name_key == name_key(name))
    for why, key, value in ((BY_PHONE, "phone", lead.phone), (BY_MAIL, "email", lead.email)):
        readable = (actor.right_to(type_, key) >= FieldRight.READ for type_ in ("leads", entity.__tablename__))
        if value and all(readable):
            worded = finder.matching(entity.visible_to(actor), value, actor)
            yield why, worded.where(getattr(entity, key) == value)
