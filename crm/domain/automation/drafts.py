"""A rule as it was filled in, checked before it is kept, and told to the log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm.domain.automation import asking, deeds
from crm.domain.automation.saying import checked_when
from crm.domain.automation.whens import IMPORTS
from crm.domain.people.models import Department
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid
from crm.kernel.text import N_, clean

MOST_ACTIONS = 6


@dataclass(frozen=True)
class Draft:
    """A rule as it was filled in; `when` and `actions` are mappings of texts."""

    name: str
    type: str
    department_id: int | None
    when: Mapping[str, Any]
    conditions: Sequence[tuple[str, str, str]]
    actions: Sequence[Mapping[str, Any]]


def types_for(actor: Actor) -> list[str]:
    """What a rule of this administrator may be about."""
    known = [key for key, each in RECORD_TYPES.items() if actor.may(each.may_read)]
    return [*known, IMPORTS] if "imports" in actor.modules else known


def checked(actor: Actor, draft: Draft) -> dict[str, Any]:
    """The columns of the rule. Raises Invalid with the control it is about."""
    name = clean(draft.name)
    if not name or len(name) > 80:
        raise Invalid(N_("A rule needs a name of at most 80 characters."), key="name")
    if draft.type not in types_for(actor):
        raise Invalid(N_("Choose what the rule is about."), key="type")
    if draft.department_id is not None and db.session.get(Department, draft.department_id) is None:
        raise Invalid(N_("One of these departments does not exist."), key="department")
    when = checked_when(actor, draft.type, draft.when)
    conditions = list(draft.conditions) if draft.type in RECORD_TYPES else []
    if conditions:
        asking.check(actor, draft.type, conditions)
    if not draft.actions:
        raise Invalid(N_("Say what the rule does."), key="a0-do")
    if len(draft.actions) > MOST_ACTIONS:
        raise Invalid(N_("A rule does at most %(most)s things."), most=MOST_ACTIONS, key="a0-do")
    actions = [_action(actor, draft.type, number, each) for number, each in enumerate(draft.actions)]
    definition = {"when": when, "conditions": [list(each) for each in conditions], "actions": actions}
    return {
        "name": name,
        "record_type": draft.type,
        "department_id": draft.department_id,
        "definition": definition,
    }


def _action(actor: Actor, type_key: str, number: int, given: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return deeds.checked(actor, type_key, given)
    except Invalid as problem:
        raise Invalid(
            problem.message, **{**problem.params, "key": f"a{number}-{problem.params.get('key', 'do')}"}
        ) from None


def told(definition: Mapping[str, Any]) -> dict[str, Any]:
    """For the log: which fields it asks for and what it does, not the values, which are for those who may read them."""
    when = definition["when"]
    return {
        "when": " ".join(filter(None, (when["kind"], when.get("field") or when.get("fact")))),
        "conditions": [f"{key} {operator}" for key, operator, _ in definition["conditions"]],
        "actions": [" ".join(filter(None, (each["do"], each.get("field")))) for each in definition["actions"]],
    }


def told_changes(changes: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    found = {key: pair for key, pair in changes.items() if key in ("name", "record_type")}
    if "department_id" in changes:
        found["department"] = changes["department_id"]
    if "definition" in changes:
        before, after = map(told, changes["definition"])
        found |= {key: [before[key], after[key]] for key in after}
    return found
