"""A conversion taken back: what it made goes into the recycle bin if nobody has worked on it since, else it stays."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from crm.domain.contacts.models import Contact
from crm.domain.customers.models import Customer
from crm.domain.leads.becoming import LINKS, MADE
from crm.domain.leads.choices import WON
from crm.domain.leads.converting import found, latest
from crm.domain.leads.events import ConversionUndone, LeadLeft
from crm.domain.leads.models import Lead, LeadConversion
from crm.domain.leads.scoring import score
from crm.domain.leads.statuses import enter, leave
from crm.domain.opportunities.models import Opportunity, OpportunityContact
from crm.domain.records.changing import touch
from crm.domain.timeline.actions import belong_to
from crm.domain.timeline.models import Followed
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor, unscoped
from crm.kernel.errors import RuleBroken
from crm.kernel.events import Event, record
from crm.kernel.permissions import Action, permission
from crm.kernel.text import N_

DAYS = 90
CHANGED = N_("somebody has worked on it since")
NEEDED = N_("something else belongs to it")
NOT_YOURS = N_("you may not delete it")
_ORDER = ("opportunities", "contacts", "customers")  # what leads to others before what it leads to


@dataclass(frozen=True)
class Kept:
    """A record that stays: its type, name and number, and a gettext id that says why."""

    type: str
    name: str
    number: str
    why: str


def until(conversion: LeadConversion) -> dt.datetime:
    """The last moment it can be undone."""
    return conversion.converted_at + dt.timedelta(days=DAYS)


def undo(actor: Actor, lead: Lead) -> list[Kept]:
    """`lead` is locked. Returns what stays, and why."""
    conversion = latest(lead)
    if lead.status != WON or conversion is None:
        raise RuleBroken(N_("This %(lead)s is not converted."))
    if clock.now() > until(conversion):
        raise RuleBroken(N_("A conversion can be undone for %(days)s days."), days=DAYS)
    _restore(actor, lead, conversion)
    removed, kept = _remove(actor, conversion)
    attached = (found(actor, type_, id_) for type_, id_ in conversion.attached.items())
    for one in (*(each for each, _ in kept.values()), *attached):
        if one is not None and one.__tablename__ == "customers":
            record(actor, one, LeadLeft(lead.number))
    conversion.undone_at, conversion.undone_by_id = clock.now(), actor.id
    changes: dict[str, list[Any]] = {"status": [WON, lead.status]}
    told = {type_: one.number for type_, (one, _) in kept.items()}
    record(actor, lead, ConversionUndone(removed, told, changes))
    return [Kept(type_, one.name, one.number, why) for type_, (one, why) in kept.items()]


def _restore(actor: Actor, lead: Lead, conversion: LeadConversion) -> None:
    leave([lead.id])
    for link in LINKS.values():
        setattr(lead, link, None)
    lead.status = conversion.status_before
    touch(lead)
    db.session.flush()
    belong_to(lead, None)
    enter(actor, [lead.id])
    score(actor, [lead.id])


def _remove(actor: Actor, conversion: LeadConversion) -> tuple[dict[str, str], dict[str, tuple[Any, str]]]:
    """({type: number} of what is in the recycle bin now, {type: (record, why it stays)})"""
    removed: dict[str, str] = {}
    kept: dict[str, tuple[Any, str]] = {}
    for type_ in _ORDER:
        id_ = conversion.made.get(type_)
        one = found(actor, type_, id_) if id_ is not None else None
        if one is None:
            continue
        if why := _why_not(actor, one, conversion):
            kept[type_] = one, why
        else:
            MADE[type_].delete(actor, one)
            db.session.flush()
            removed[type_] = one.number
    return removed, kept


def _why_not(actor: Actor, one: Any, conversion: LeadConversion) -> str:
    if not actor.holds(one, permission(one.__tablename__, Action.DELETE)):
        return NOT_YOURS
    happened = select(Event.id).where(
        Event.subject_type == one.__tablename__,
        Event.subject_id == one.id,
        Event.occurred_at >= conversion.converted_at - dt.timedelta(minutes=1),
        Event.id > conversion.event_id,
    )
    if db.session.scalar(happened.limit(1)) is not None:
        return CHANGED
    return NEEDED if _is_needed(one) else ""


def _is_needed(one: Any) -> bool:
    """Whether any other record, whoever has it, leads to this one."""
    link = LINKS[one.__tablename__]
    asked = [select(each.id).where(getattr(each, link) == one.id, each.deleted_at.is_(None)) for each in _leading(link)]
    if isinstance(one, Contact):
        deals = select(Opportunity.id).join(OpportunityContact, OpportunityContact.opportunity_id == Opportunity.id)
        asked.append(deals.where(OpportunityContact.contact_id == one.id, Opportunity.deleted_at.is_(None)))
    if isinstance(one, Customer):
        asked.append(select(Customer.id).where(Customer.parent_id == one.id, Customer.deleted_at.is_(None)))
    with unscoped("what leads to it counts, whoever has it"):
        return any(db.session.scalar(each.limit(1)) is not None for each in asked)


def _leading(link: str) -> list[Any]:
    return [entity for _, entity in sorted(Followed.known.items()) if hasattr(entity, link)]
