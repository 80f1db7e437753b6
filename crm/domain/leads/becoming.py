"""What a lead becomes: from its values to those of the records that a conversion makes."""

from collections.abc import Mapping
from typing import Any

from crm.domain.contacts.actions import VERBS as CONTACTS
from crm.domain.customers.actions import VERBS as CUSTOMERS
from crm.domain.leads.fields import LEAD_FIELDS
from crm.domain.leads.models import Lead
from crm.domain.opportunities.actions import VERBS as OPPORTUNITIES
from crm.domain.records.rules import may_assign_to
from crm.domain.records.verbs import Verbs
from crm.kernel.access import Actor
from crm.kernel.packing import stored
from crm.kernel.permissions import Action, permission
from crm.kernel.shaping import fields_for

Values = Mapping[str, Any]
MADE: Mapping[str, Verbs] = {"customers": CUSTOMERS, "contacts": CONTACTS, "opportunities": OPPORTUNITIES}
LINKS = {"customers": "customer_id", "contacts": "contact_id", "opportunities": "opportunity_id"}
_OF_CUSTOMER = ("industry", "region", "website", "source", "phone", "email", "remarks")
_OF_CONTACT = ("position", "phone", "email", "wecom", "remarks")


def may_make(actor: Actor, type_: str) -> bool:
    return type_ in MADE and actor.may(permission(type_, Action.CREATE))


def customer_values(actor: Actor, lead: Lead) -> dict[str, Any]:
    """The company, or the person where no company is known."""
    kind = {"name": lead.company or lead.name, "type": "company" if lead.company else "person"}
    return _fitting(actor, lead, "customers", kind | _taken(actor, lead, _OF_CUSTOMER))


def contact_values(actor: Actor, lead: Lead, customer_id: int) -> dict[str, Any]:
    return _fitting(
        actor, lead, "contacts", {"name": lead.name, "customer": customer_id} | _taken(actor, lead, _OF_CONTACT)
    )


def opportunity_values(actor: Actor, lead: Lead, customer_id: int, given: Values) -> dict[str, Any]:
    """`given` is what whoever converts says of the deal: its name, amount and the day it may close."""
    known = {"customer": customer_id, "name": lead.company or lead.name} | _taken(actor, lead, ("source", "remarks"))
    return _fitting(actor, lead, "opportunities", known | {key: each for key, each in given.items() if each})


def _taken(actor: Actor, lead: Lead, keys: tuple[str, ...]) -> dict[str, Any]:
    """What the actor may read of it: nobody copies what they may not know."""
    known = {each.key: each for each in fields_for(actor, "leads", LEAD_FIELDS) if not each.masked}
    return {key: value for key in keys if key in known and (value := stored(lead, known[key])) is not None}


def _fitting(actor: Actor, lead: Lead, type_: str, values: Values) -> dict[str, Any]:
    """What they may fill in there, for the owner of the lead where it may be given to them."""
    fields = MADE[type_].open_fields(actor)
    fitting = {key: value for key, value in values.items() if key in fields and fields[key].editable}
    owner = lead.owner_id
    if owner not in (None, actor.id) and may_assign_to(actor, type_, owner):
        fitting["owner"] = owner
    return fitting
