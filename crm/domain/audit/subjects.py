"""What events are about: the words for it, and which of it an auditor may look at."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from crm.domain.automation.models import AutomationRule
from crm.domain.imports.models import Import
from crm.domain.layouts.models import Layout
from crm.domain.mail_templates.models import MailTemplate
from crm.domain.people.models import Department, Person, Role
from crm.domain.registry import RECORD_TYPES
from crm.domain.saved_views.models import SavedView
from crm.domain.timeline.fields import EDITED
from crm.infra.db import db
from crm.kernel.access import Actor, Reach, Scoped
from crm.kernel.events import Event
from crm.kernel.fields import Field
from crm.kernel.text import N_

# Kinds of subject that are no type of record: table → words.
OTHERS = {
    "api_tokens": N_("API key"),
    "automation_rules": N_("Automation rule"),
    "business_calendars": N_("Calendar"),
    "bulk_changes": N_("Change of many records"),
    "departments": N_("Department"),
    "duplicate_searches": N_("Search for duplicates"),
    "exports": N_("Export"),
    "feedback": N_("Feedback"),
    "imports": N_("Import"),
    "intake_entries": N_("Sent by a public form"),
    "intake_forms": N_("Public form"),
    "key_rotations": N_("Keys of encrypted fields"),
    "layouts": N_("Layout"),
    "lead_assignment_rules": N_("Rule of assignment"),
    "lead_score_rules": N_("Rule of scoring"),
    "lead_score_runs": N_("Scores"),
    "mail_templates": N_("Mail template"),
    "mails": N_("Mail"),
    "module_switches": N_("Module"),
    "people": N_("People"),
    "pipelines": N_("Pipeline"),
    "pool_rules": N_("Rule of the public pool"),
    "reports": N_("Report"),
    "roles": N_("Role"),
    "satisfaction_rules": N_("Satisfaction"),
    "saved_views": N_("Saved view"),
    "sla_policies": N_("Promise"),
    "sla_runs": N_("Reckoning"),
    "stages": N_("Stage"),
    "system_jobs": N_("Work of the system"),
    "tags": N_("Tag"),
    "type_names": N_("Names"),
    "verifications": N_("Check of the log"),
    "webhook_endpoints": N_("Webhook"),
}
# What is kept about them in an event: key → words.
WORDS = {
    "actions": N_("Then"),
    "active": N_("Account open"),
    "address": N_("Address"),
    "asked": N_("Narrowed by"),
    "baseline": N_("For everybody"),
    "body": N_("Text"),
    "channel": N_("Mail or message"),
    "closed": N_("Closed"),
    "columns": N_("Columns"),
    "conditions": N_("Conditions"),
    "count": N_("How many"),
    "data_saver": N_("Data saver"),
    "department": N_("Department"),
    "departments": N_("Departments"),
    "email": N_("E-mail"),
    "everyone": N_("For everybody"),
    "failures": N_("Failures"),
    "fields": N_("Rights to fields"),
    "filename": N_("File"),
    "in_hours": N_("Business hours only"),
    "kind": N_("Kind"),
    "label": N_("Name"),
    "files": N_("Files"),
    "language": N_("Language"),
    "left_out": N_("Left out"),
    "left": N_("Left as it is"),
    "levels": N_("Levels"),
    "limits": N_("Limits"),
    "many": N_("Several"),
    "mapping": N_("Columns"),
    "moved": N_("Came along"),
    "name": N_("Name"),
    "number": N_("Number"),
    "on": N_("Switched on"),
    "one": N_("One"),
    "parent": N_("Belongs to"),
    "people": N_("People"),
    "points": N_("Points"),
    "position": N_("Position"),
    "priorities": N_("Priorities"),
    "probability": N_("Probability in percent"),
    "reach": N_("Permissions"),
    "record_type": N_("Kind"),
    "receiver": N_("Taken over by"),
    "required": N_("To be filled in from here on"),
    "respond_minutes": N_("Minutes to the first answer"),
    "retired": N_("Retired"),
    "role": N_("Role"),
    "roles": N_("Roles"),
    "rotting_days": N_("Stale after days"),
    "rows": N_("Rows"),
    "sections": N_("Sections"),
    "solve_minutes": N_("Minutes to the solution"),
    "steps": N_("Steps"),
    "subject": N_("Subject"),
    "theme": N_("Theme"),
    "title": N_("Name"),
    "told": N_("Told"),
    "types": N_("Types"),
    "way": N_("Way"),
    "week": N_("Hours of the week"),
    "who": N_("Person"),
    "when": N_("When"),
    "wide": N_("Over both columns"),
    "widths": N_("Width"),
    "zone": N_("Time zone"),
}
_NAMED: dict[str, Any] = {
    "departments": Department,
    "layouts": Layout,
    "mail_templates": MailTemplate,
    "people": Person,
    "roles": Role,
    "saved_views": SavedView,
    "automation_rules": AutomationRule,
}
# Told by the sentence, or of no use to a reader.
_IN_PLAIN = frozenset({"import_id", "line", "follow_up_id", "merge_id", "other_id"})


def labels() -> dict[str, str]:
    """Every kind of subject → gettext id."""
    return {key: type_.label for key, type_ in RECORD_TYPES.items()} | OTHERS


@dataclass(frozen=True)
class Seen:
    """A subject as the reader of the log has it. `name` and `url` are empty for what has neither."""

    open: bool  # whether its values may be shown
    name: str = ""
    url: str = ""


def seen(actor: Actor, events: Collection[Event]) -> Mapping[tuple[str, int], Seen]:
    """(type, id) → what may be shown. Whoever may read the log is not thereby allowed to read every record."""
    wanted: dict[str, set[int]] = {}
    for event in events:
        wanted.setdefault(event.subject_type, set()).add(event.subject_id)
    found: dict[tuple[str, int], Seen] = {}
    for type_, ids in wanted.items():
        found |= {(type_, id_): each for id_, each in _of_type(actor, type_, ids).items()}
    return found


def _of_type(actor: Actor, type_: str, ids: set[int]) -> dict[int, Seen]:
    entity = RECORD_TYPES[type_].entity if type_ in RECORD_TYPES else {"imports": Import}.get(type_)
    if entity is None:
        named = _NAMED.get(type_)
        names = db.session.execute(select(named.id, named.name).where(named.id.in_(ids))) if named else ()
        return dict.fromkeys(ids, Seen(True)) | {row.id: Seen(True, row.name) for row in names}
    all_ = actor.reach_of(entity.read_permission) is Reach.ALL
    result = dict.fromkeys(ids, Seen(all_))  # what is gone for good is shown to whoever saw everything
    there = entity.visible_to(actor)
    for statement in (there, entity.binned_for(actor), entity.merged_for(actor)):
        for record in db.session.scalars(statement.where(entity.id.in_(ids))):
            result[record.id] = Seen(True, _name(record), f"/{type_}/{record.id}" if statement is there else "")
    return result


def _name(record: Scoped) -> str:
    return str(getattr(record, "number", "") or getattr(record, "filename", ""))


def fields_of(actor: Actor, type_: str) -> Mapping[str, Field] | None:
    """The fields that exist for the actor, by key; None for what has no fields."""
    if type_ not in RECORD_TYPES:
        return None
    own = RECORD_TYPES[type_].open_to(actor).fields
    return {each.key: each for each in (*own, *EDITED)}


def about(event: Event) -> str:
    """The type whose fields the event's values are: a change of many records keeps values of theirs."""
    of = event.payload.get("record_type")
    return of if of in RECORD_TYPES else event.subject_type


def told(event: Event) -> dict[str, list[Any]]:
    """What the event keeps, as {key: [before, after]}; what only began has no before."""
    pairs = {key: list(pair) for key, pair in event.payload.get("changes", {}).items()}
    values = event.payload.get("values")
    if isinstance(values, dict):
        pairs |= {key: [None, value] for key, value in values.items()}
    rest = {k: v for k, v in event.payload.items() if k not in ("changes", "values") and k not in _IN_PLAIN}
    pairs |= {key: [None, value] for key, value in rest.items() if isinstance(value, dict | list)}
    if "args" in pairs:  # what a saved view asks for: which questions, not the values of fields that stand in them
        pairs["args"] = [sorted({key for key, _ in asked}) if asked else None for asked in pairs["args"]]
    return pairs
