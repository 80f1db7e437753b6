"""A lead that is won: customer, contact and opportunity are made of it, or it is attached to those
there are, in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from crm.domain.leads.becoming import LINKS, MADE, contact_values, customer_values, may_make, opportunity_values
from crm.domain.leads.choices import DISCARDED, WON
from crm.domain.leads.events import LeadArrived, LeadConverted
from crm.domain.leads.models import Lead, LeadConversion
from crm.domain.leads.scoring import score
from crm.domain.leads.statuses import enter, leave
from crm.domain.opportunities.taking_part import add_contact
from crm.domain.records.changing import touch
from crm.domain.timeline.actions import belong_to
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import record
from crm.kernel.text import N_

_NO_RIGHT = N_("You may not create a %(customer)s: choose one that is there.")
_GONE = N_("What you have chosen is not there any more: choose again.")

_BECAME = N_(
    "“%(title)s” is converted, and what it has become would be lost with it: let this one go on, give up the other."
)
_BOTH = N_("Both are converted, into two different %(customers)s: merge these first, then the two %(leads)s.")


@dataclass(frozen=True)
class Chosen:
    """Of customer and contact the id of one that is there; None: it is made. `opportunity` has what is said of the
    deal, by field key; None: there is none yet."""

    customer: int | None = None
    contact: int | None = None
    with_contact: bool = True
    opportunity: Mapping[str, Any] | None = None


def latest(lead: Lead) -> LeadConversion | None:
    """The conversion in force."""
    statement = select(LeadConversion).filter_by(lead_id=lead.id, undone_at=None)
    return db.session.scalars(statement.order_by(LeadConversion.id.desc()).limit(1)).first()


def convert(actor: Actor, lead: Lead, chosen: Chosen) -> LeadConversion:
    """`lead` is locked, so whoever comes second finds it converted and gets what the first one made."""
    if lead.status == WON and (done := latest(lead)) is not None:
        return done
    if lead.status == DISCARDED:
        raise RuleBroken(N_("This %(lead)s is discarded: take it up again first."))
    turn = _Turn(actor, lead)
    customer = turn.customer(chosen.customer)
    contact = turn.contact(chosen.contact, customer) if chosen.with_contact else None
    deal = turn.opportunity(chosen.opportunity, customer, contact) if chosen.opportunity is not None else None
    return turn.finish({"customers": customer, "contacts": contact, "opportunities": deal})


def lost_by_merging(survivor: Lead, gone: Lead) -> RuleBroken | None:
    """Why what a lead has become would be lost with it; None where nothing would."""
    if gone.status != WON:
        return None
    if survivor.status != WON:
        return RuleBroken(_BECAME, title=gone.name)
    return RuleBroken(_BOTH) if gone.customer_id != survivor.customer_id else None


class _Turn:
    def __init__(self, actor: Actor, lead: Lead) -> None:
        self.actor, self.lead, self.status = actor, lead, lead.status
        self.made: dict[str, int] = {}
        self.attached: dict[str, int] = {}

    def customer(self, id_: int | None) -> int:
        if id_ is not None:
            return self._attach("customers", id_)
        if not may_make(self.actor, "customers"):
            raise RuleBroken(_NO_RIGHT)
        return self._make("customers", customer_values(self.actor, self.lead))

    def contact(self, id_: int | None, customer: int) -> int | None:
        if id_ is not None:
            return self._attach("contacts", id_)
        if not may_make(self.actor, "contacts"):
            return None
        return self._make("contacts", contact_values(self.actor, self.lead, customer))

    def opportunity(self, given: Mapping[str, Any], customer: int, contact: int | None) -> int | None:
        if not may_make(self.actor, "opportunities"):
            return None
        id_ = self._make("opportunities", opportunity_values(self.actor, self.lead, customer, given))
        deal = found(self.actor, "opportunities", id_)
        if contact is not None and deal is not None:
            add_contact(self.actor, deal, contact, None)
        return id_

    def _make(self, type_: str, values: Mapping[str, Any]) -> int:
        self.made[type_] = MADE[type_].create(self.actor, values)
        return self.made[type_]

    def _attach(self, type_: str, id_: int) -> int:
        if found(self.actor, type_, id_) is None:
            raise Invalid(_GONE, key=type_)
        self.attached[type_] = id_
        return id_

    def finish(self, became: Mapping[str, int | None]) -> LeadConversion:
        """The lead keeps what it became, and what was said of it stands on the customer's timeline as well."""
        lead = self.lead
        leave([lead.id])
        for type_, id_ in became.items():
            setattr(lead, LINKS[type_], id_)
        lead.status = WON
        touch(lead)
        db.session.flush()
        belong_to(lead, lead.customer_id)
        enter(self.actor, [lead.id])
        score(self.actor, [lead.id])
        return self._remembered(became)

    def _remembered(self, became: Mapping[str, int | None]) -> LeadConversion:
        lead, there = self.lead, {type_: id_ for type_, id_ in became.items() if id_ is not None}
        records = {type_: found(self.actor, type_, id_) for type_, id_ in there.items()}
        numbers = {type_: one.number for type_, one in records.items() if one is not None}
        if "customers" in self.attached and records["customers"] is not None:
            record(self.actor, records["customers"], LeadArrived(lead.number))
        changes: dict[str, list[Any]] = {"status": [self.status, WON]}
        changes |= {LINKS[type_].removesuffix("_id"): [None, id_] for type_, id_ in there.items()}
        event = record(self.actor, lead, LeadConverted(numbers, sorted(self.attached), changes))
        db.session.flush()
        kept = LeadConversion(
            lead_id=lead.id,
            converted_at=clock.now(),
            actor_id=self.actor.id,
            status_before=self.status,
            made=self.made,
            attached=self.attached,
            event_id=event.id,
        )
        db.session.add(kept)
        db.session.flush()
        return kept


def found(actor: Actor, type_: str, id_: int) -> Any:
    """The record, if it exists for the actor."""
    entity = MADE[type_].entity
    return db.session.scalars(entity.visible_to(actor).where(entity.id == id_)).first()
