"""Who is there already when a lead is converted: the same name, phone or mail address, or what is like it in most of
this, among what the actor may see."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm.domain.contacts.likeness import LIKENESS as CONTACT_LIKENESS
from crm.domain.contacts.models import Contact
from crm.domain.contacts.queries import FINDER as CONTACTS
from crm.domain.customers.likeness import LIKENESS as CUSTOMER_LIKENESS
from crm.domain.customers.models import Customer
from crm.domain.customers.search import FINDER as CUSTOMERS
from crm.domain.leads.models import Lead
from crm.domain.records.alike import met
from crm.domain.records.search import Finder
from crm.infra.db import db
from crm.kernel.access import Actor, FieldRight
from crm.kernel.likeness import Likeness
from crm.kernel.text import N_, name_key

MOST = 5
_ALIKE = 0.25
BY_NAME, BY_PHONE, BY_MAIL = N_("same name"), N_("same phone"), N_("same e-mail")


@dataclass(frozen=True)
class Like:
    """`why` is a gettext id; `customer_id` of a contact is where it works; `sure` where it is alike enough to be
    attached unless somebody says otherwise."""

    id: int
    name: str
    number: str
    why: str
    customer_id: int | None = None
    sure: bool = True


def customers_like(actor: Actor, lead: Lead) -> list[Like]:
    found = _like(actor, Customer, CUSTOMERS, lead, lead.company or lead.name)
    said = {"name": lead.company or lead.name, "type": "company" if lead.company else "person"}
    return _with_alike(actor, Customer, CUSTOMER_LIKENESS, lead, said, found)


def contacts_like(actor: Actor, lead: Lead) -> list[Like]:
    found = _like(actor, Contact, CONTACTS, lead, lead.name)
    return _with_alike(actor, Contact, CONTACT_LIKENESS, lead, {"name": lead.name}, found)


def _with_alike(  # noqa: PLR0913 - both types, and what is known of them already
    actor: Actor, entity: Any, likeness: Likeness, lead: Lead, said: Mapping[str, Any], found: Sequence[Like]
) -> list[Like]:
    if not actor.may(entity.read_permission):
        return []
    told = {"phone": lead.phone, "email": lead.email, "region": lead.region_code, "website": lead.website}
    open_ = {key: value for key, value in told.items() if actor.right_to("leads", key) >= FieldRight.READ}
    known = {each.id: each for each in found}
    for each in met(actor, entity, likeness, {**open_, **said}).seen:
        if each.sure or each.score >= _ALIKE:
            why = each.why[0] if each.why else BY_NAME
            known.setdefault(
                each.id, Like(each.id, each.name, each.number, why, each.row.get("customer_id"), each.sure)
            )
    return list(known.values())[:MOST]


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
            worded = entity.visible_to(actor).where(finder.matching(value, actor))
            yield why, worded.where(getattr(entity, key) == value)
