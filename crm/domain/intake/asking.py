"""What a public form may ask and set: fields of the type itself, those of the company among them. Whoever acts for a
form may make records of that type and nothing else."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from crm.domain.intake.models import LEADS, TICKETS, IntakeForm
from crm.domain.leads.actions import VERBS as LEAD_VERBS
from crm.domain.leads.record_type import LEAD
from crm.domain.people.models import Department
from crm.domain.people.policy import modules_in
from crm.domain.records.verbs import Verbs
from crm.domain.tickets.actions import VERBS as TICKET_VERBS
from crm.domain.tickets.record_type import TICKET
from crm.infra.db import db
from crm.kernel import shape
from crm.kernel.access import Actor, Reach
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.permissions import Action, permission
from crm.kernel.records import RecordType
from crm.kernel.text import N_

TYPES: Mapping[str, RecordType] = {LEADS: LEAD, TICKETS: TICKET}
VERBS: Mapping[str, Verbs] = {LEADS: LEAD_VERBS, TICKETS: TICKET_VERBS}
# What strangers can fill in: nothing that looks up what is there, nothing encrypted.
ASKABLE = {
    *(FieldKind.TEXT, FieldKind.LONG_TEXT, FieldKind.NUMBER, FieldKind.MONEY, FieldKind.CHOICE),
    *(FieldKind.MULTI_CHOICE, FieldKind.YES_NO, FieldKind.DATE, FieldKind.PHONE, FieldKind.EMAIL, FieldKind.URL),
}
# Set on what comes in, by whoever makes the form.
PRESET = {LEADS: ("source", "campaign", "tags"), TICKETS: ("type", "category", "priority", "tags")}
_OURS = {
    LEADS: {"status", "discard_reason", "discard_text", "source", "campaign"},
    TICKETS: {"status", "priority", "channel", "resolution", "needs_sales"},
}
# A ticket has no place for who wrote: it belongs to a contact, who is found by these.
SENDER = (
    Field(key="sender_name", label=N_("Your name"), kind=FieldKind.TEXT),
    Field(key="sender_email", label=N_("Your e-mail"), kind=FieldKind.EMAIL, max_length=254),
    Field(key="sender_phone", label=N_("Your phone"), kind=FieldKind.PHONE),
)
_WORDS = {(LEADS, "name"): N_("Your name"), (TICKETS, "description"): N_("What it is about")}
REACHED = {LEADS: ("email", "phone"), TICKETS: ("sender_email", "sender_phone")}


def actor_for(form: IntakeForm) -> Actor | None:
    """Who acts for the form; None where its part of the product is off."""
    version = db.session.scalar(select(shape.version())) or 0
    modules = modules_in(version, form.department_id)
    if form.kind not in modules:
        return None
    may = {permission(form.kind, Action.CREATE): Reach.ALL}
    return Actor(None, form.name, may, department_id=_department(form), shape=version, modules=modules)


def _department(form: IntakeForm) -> int | None:
    """None where it has been closed since: nobody would look into its pool, so what comes in is everybody's."""
    department = db.session.get(Department, form.department_id) if form.department_id is not None else None
    return department.id if department is not None and department.closed_at is None else None


def askable(actor: Actor, kind: str) -> dict[str, Field]:
    """By key, in the order of the type's form. Whether a value is taken already is told to nobody, so what must be
    unique is not asked."""
    return dict(_askable(actor.shape, kind))


@lru_cache(32)
def _askable(version: int, kind: str) -> Mapping[str, Field]:
    """Kept, so that its fields are the same ones for every visitor."""
    fields = VERBS[kind].open_fields(Actor(None, shape=version))
    open_ = [*(SENDER if kind == TICKETS else ()), *fields.values()]
    return {each.key: _public(each, kind) for each in open_ if _is_askable(each, kind)}


def _is_askable(field: Field, kind: str) -> bool:
    plain = field.kind in ASKABLE and field.editable and field.needs is None and field.key not in _OURS[kind]
    return plain and not field.unique and field.shown_if is None and not field.sensitive


def _public(field: Field, kind: str) -> Field:
    label = _WORDS.get((kind, field.key), field.label) if not hasattr(field.label, "by_language") else field.label
    return replace(field, label=label, required=False, required_from=None, help="", default=None)


@lru_cache(256)
def _demanded(field: Field) -> Field:
    return replace(field, required=True)


def asked(actor: Actor, form: IntakeForm) -> list[Field]:
    """What the form asks, in its order; what has been retired since is not asked any more."""
    known = askable(actor, form.kind)
    said = [(known[each["key"]], each["required"]) for each in form.fields if each["key"] in known]
    return [_demanded(field) if required else field for field, required in said]


def preset_fields(actor: Actor, kind: str) -> list[Field]:
    fields: Mapping[str, Any] = VERBS[kind].open_fields(actor)
    return [replace(fields[key], required=False, default=None) for key in PRESET[kind] if key in fields]
