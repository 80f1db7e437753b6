"""Who it is that writes, as far as we know them already. Nothing of this is ever told to whoever writes."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import func

from crm.domain.contacts.models import Contact
from crm.domain.contacts.queries import FINDER as CONTACTS
from crm.domain.customers.models import Customer
from crm.domain.customers.search import FINDER as CUSTOMERS
from crm.domain.leads.choices import OPEN
from crm.domain.leads.models import Lead
from crm.domain.records.search import Finder
from crm.infra.db import db
from crm.kernel.access import Actor, Reach
from crm.kernel.contact import Phone
from crm.kernel.permissions import Action, permission

_MOST = 5
_SEES = {permission(each, Action.READ): Reach.ALL for each in ("leads", "contacts", "customers")}
_LOOKS = Actor(None, "system", _SEES)


def open_lead(email: str | None, phone: Phone | None) -> Lead | None:
    """Of those that somebody still works on the newest with this mail address, else with this phone."""
    finder = Finder(Lead)
    for found in _found(Lead, finder, email, phone, Lead.status.in_(OPEN)):
        if found:
            newest: Lead = found[0]
            return newest
    return None


def who_it_is(email: str | None, phone: Phone | None) -> dict[str, int | None]:
    """Contact and customer, as values of a ticket; nobody where it could be several."""
    for found in _found(Contact, CONTACTS, email, phone):
        customers = {each.customer_id for each in found}
        if len(found) == 1:
            return {"contact": found[0].id, "customer": found[0].customer_id}
        if len(customers) == 1:
            return {"customer": customers.pop()}
    for found in _found(Customer, CUSTOMERS, email, phone):
        if len(found) == 1:
            return {"customer": found[0].id}
    return {}


def _found(entity: Any, finder: Finder, email: str | None, phone: Phone | None, *where: Any) -> Iterator[Sequence[Any]]:
    """By mail address, then by phone. The index of words answers, and the column makes it exact."""
    asked = []
    if email:
        asked.append((email, func.lower(entity.email) == email.casefold()))
    if phone:
        asked.append((phone.e164, entity.phone == phone.e164))
    for text, exact in asked:
        statement = entity.visible_to(_LOOKS).where(finder.matching(text, _LOOKS), exact, *where)
        yield db.session.scalars(statement.order_by(entity.updated_at.desc(), entity.id.desc()).limit(_MOST)).all()
