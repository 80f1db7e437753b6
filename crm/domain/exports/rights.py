"""What an export may hold, asked when it is asked for, when it is written and whenever it is taken away."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from crm.domain.exports.called import columns_called
from crm.domain.registry import RECORD_TYPES
from crm.kernel.access import Actor, Reach
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.fields import Field
from crm.kernel.permissions import Action, permission
from crm.kernel.records import RecordType
from crm.kernel.text import N_

MODULE = "exports"


def may_export(actor: Actor, type_key: str) -> bool:
    """Any of the records of this type that they see."""
    type_ = RECORD_TYPES.get(type_key)
    if type_ is None or MODULE not in actor.modules:
        return False
    return actor.may(type_.may_read) and actor.may(type_.may_export)


def type_for(actor: Actor, type_key: str) -> RecordType:
    """The type with the fields that exist for the actor; RuleBroken for whoever may not export it."""
    if not may_export(actor, type_key):
        raise RuleBroken(N_("You may not export these records. Ask an administrator if you need to."))
    return RECORD_TYPES[type_key].open_to(actor)


def columns_of(type_: RecordType) -> Mapping[str, Field]:
    """What there is to choose from, by key, what the record is known by first."""
    fields = [each for each in type_.list.fields if each.column is not None]
    first = sorted(fields, key=lambda each: each.key != type_.main.key)
    return {each.key: each for each in (*first, *columns_called(type_))}


def columns_for(type_: RecordType, keys: Sequence[str]) -> list[Field]:
    """The fields asked for; Invalid where one does not exist for whoever asks."""
    known = columns_of(type_)
    if not keys:
        raise Invalid(N_("Choose at least one field."))
    for key in keys:
        if key not in known:
            raise Invalid(N_("There is no field called “%(field)s”: choose from those on this page."), field=key)
    return [known[key] for key in dict.fromkeys(keys)]


def kept(actor: Actor, type_key: str, fields: Collection[Field]) -> dict[str, Any]:
    """How far the actor's rights go, as it is kept with a file."""
    reaches = [actor.reach_of(permission(type_key, each)) for each in (Action.READ, Action.EXPORT)]
    return {
        "reach": min(reaches),
        "department": actor.department_id,
        "masked": {each.key: each.masked for each in fields},
    }


def refuse_less(actor: Actor, type_key: str, before: Mapping[str, Any]) -> None:
    """RuleBroken where the file holds more than the actor might put into it now."""
    type_ = type_for(actor, type_key)
    known = columns_of(type_)
    now = kept(actor, type_key, [])
    moved = before["department"] != now["department"] and Reach.OWN < before["reach"] < Reach.ALL > now["reach"]
    less = now["reach"] < before["reach"] or moved
    closed = [key for key, masked in before["masked"].items() if key not in known or known[key].masked > masked]
    if less or closed:
        raise RuleBroken(N_("Since this file was written, you may see less than it holds. Export the list again."))
