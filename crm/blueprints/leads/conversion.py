"""The form of a conversion: what would be made, and who is there already."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import g

from crm.domain.contacts.record_type import CONTACT
from crm.domain.customers.record_type import CUSTOMER
from crm.domain.customers.source import CUSTOMERS_AS_VALUES
from crm.domain.leads.becoming import contact_values, customer_values, may_make
from crm.domain.leads.converting import Chosen
from crm.domain.leads.duplicates import Like, contacts_like, customers_like
from crm.domain.leads.queries import LEADS
from crm.domain.opportunities.record_type import OPPORTUNITY
from crm.kernel.errors import Invalid
from crm.kernel.records import RecordType
from crm.kernel.text import N_, clean
from crm.web.fields import labels_for, show
from crm.web.forms import FieldForm
from crm.web.i18n import gettext

NEW, NONE = "new", "none"
_CHOOSE = N_("Choose one of these.")
_LOOK_AGAIN = N_("Something is wrong with the %(opportunity)s: look below.")
_DEAL = ("name", "amount", "closes_on")
Option = tuple[str, str, str]  # value, words, help


class ConversionForm:
    """`given` is what was posted; nothing at first."""

    def __init__(self, lead: Any, given: Mapping[str, str] | None = None) -> None:
        self.lead, self.given = lead, given or {}
        self.customers_there = customers_like(g.actor, lead)
        self.contacts_there = contacts_like(g.actor, lead)
        self.problem = ""
        self.deal = self._deal()

    def _deal(self) -> FieldForm | None:
        """What is asked of the opportunity; None for whoever may make none."""
        if not may_make(g.actor, "opportunities"):
            return None
        known = OPPORTUNITY.open_to(g.actor).by_key()
        fields = [replace(known[key], required=False) for key in _DEAL if key in known and known[key].editable]
        if self.given:
            return FieldForm.posted(fields, {each.key: self.given.get(f"deal-{each.key}", "") for each in fields})
        begun = {"name": self.lead.company or self.lead.name}
        if self.lead.expected_amount is not None and "expected_amount" in LEADS.open_to(g.actor).by_key:
            begun["amount"] = f"{self.lead.expected_amount.normalize():f}"
        return FieldForm(fields, begun)

    @property
    def with_deal(self) -> bool:
        return self.given.get("deal") == "1" if self.given else self.deal is not None

    @property
    def other(self) -> str:
        return self.given.get("other", "")

    def customers(self) -> list[Option]:
        values = customer_values(g.actor, self.lead)
        made = gettext(N_("Make the %(customer)s “%(name)s”"), name=values["name"])
        new = [(NEW, made, _told(CUSTOMER, values))] if may_make(g.actor, "customers") else []
        return [*self._there(self.customers_there), *new]

    def contacts(self) -> list[Option]:
        if not (self.contacts_there or may_make(g.actor, "contacts")):
            return []
        values = contact_values(g.actor, self.lead, 0)
        del values["customer"]
        made = gettext(N_("Make the %(contact)s “%(name)s”"), name=values["name"])
        new = [(NEW, made, _told(CONTACT, values))] if may_make(g.actor, "contacts") else []
        return [*self._there(self.contacts_there), *new, (NONE, gettext(N_("None")), "")]

    def _there(self, likes: Sequence[Like]) -> list[Option]:
        sentence = N_("It is there already: %(name)s (%(number)s)")
        return [
            (str(each.id), gettext(sentence, name=each.name, number=each.number), gettext(each.why)) for each in likes
        ]

    @property
    def customer(self) -> str:
        """What is chosen: at first whoever is there already, since two of one are worse than none."""
        return self.given.get("customer") or _first(self.customers(), self.customers_there)

    @property
    def contact(self) -> str:
        first = _first(self.contacts(), self.contacts_there) or NONE
        if not self.lead.company and not self.contacts_there:
            first = NONE
        return self.given.get("contact") or first

    def read(self) -> Chosen:
        """Raises Invalid where nothing, or nothing there is, was chosen."""
        customer, contact = self._customer(), self.given.get("contact", NONE)
        if contact not in (NEW, NONE) and not contact.isdecimal():
            raise Invalid(_CHOOSE, key="contact")
        deal = self.deal.values if self.deal and self.with_deal and self._deal_is_right() else None
        return Chosen(customer, int(contact) if contact.isdecimal() else None, contact != NONE, deal)

    def _deal_is_right(self) -> bool:
        assert self.deal is not None
        if not self.deal.read():
            raise Invalid(_LOOK_AGAIN, key="deal")
        return True

    def _customer(self) -> int | None:
        if words := clean(self.other):
            found = CUSTOMERS_AS_VALUES.resolve(g.actor, [words])[words]
            if isinstance(found, Invalid):
                raise Invalid(found.message, **found.params, key="other")
            return int(found)
        chosen = self.given.get("customer", "")
        if chosen != NEW and not chosen.isdecimal():
            raise Invalid(_CHOOSE, key="customer")
        return None if chosen == NEW else int(chosen)


def _first(options: Sequence[Option], there: Sequence[Like]) -> str:
    """Of those there are the first that is sure; else a new one, where one may be made."""
    values = [value for value, _, _ in options]
    sure = [str(each.id) for each in there if each.sure]
    return next((each for each in (*sure, NEW, *values) if each in values), "")


def _told(type_: RecordType, values: Mapping[str, Any]) -> str:
    """What it would be made with, in the words of its fields."""
    fields = [each for each in type_.open_to(g.actor).fields if each.key in values and not each.core]
    plain = {key: getattr(value, "e164", value) for key, value in values.items()}
    labels = labels_for(fields, [plain])
    return " · ".join(filter(None, (show(each, plain[each.key], labels) for each in fields)))
