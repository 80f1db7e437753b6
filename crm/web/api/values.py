"""Records as JSON and back, by the rules of their fields.

| kind | as JSON |
|---|---|
| number, money | a string with a decimal number, so that no digit is lost; a number is understood too |
| date, time, date-time | ISO 8601; a moment in UTC |
| choice | its key; of several choices and tags a list |
| yes/no | true or false |
| phone | E.164 |
| person, link, code of a tree | ``{"id": …, "label": …}``; understood are that, the id, and what a form understands |
| nothing | null |

A masked value is the mask, and cannot be written; a hidden field is not there.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask import g

from crm.kernel.errors import Invalid
from crm.kernel.events import plain
from crm.kernel.fields import Context, Field, Reading, read_rows
from crm.kernel.kinds import SOURCED, FieldKind
from crm.kernel.records import RecordType
from crm.kernel.text import N_
from crm.web.fields import Labels, labels_for, show

_OF_A_TYPE = re.compile(r"[a-z_]{1,40}:[0-9]{1,18}")  # how a link to records of several types is stored

_NOT_UNDERSTOOD = N_("This kind of value is not understood here: the description of the API says which is.")
_NO_SUCH = N_("There is none with this id, or you may not see it.")
UNKNOWN = N_("There is no such field, or you may not see it.")
_NOT_WRITTEN = N_("This field is not for writing.")
_REQUIRED = N_("This is required.")


def described(type_: RecordType, records: Sequence[Any]) -> list[dict[str, Any]]:
    """`type_` is open to the actor, who may see the records. One question per sourced field, however many records."""
    rows = [{each.key: each.value_in(record) for each in type_.fields} for record in records]
    labels = labels_for(type_.fields, rows)
    return [
        {
            "id": record.id,
            "version": record.version,
            "created_at": _json(record.created_at),
            "updated_at": _json(record.updated_at),
            **{each.key: _shown(each, row[each.key], labels) for each in type_.fields},
        }
        for record, row in zip(records, rows, strict=True)
    ]


def _shown(field: Field, value: Any, labels: Labels) -> Any:
    if value is None:
        return None
    if field.masked or field.kind is FieldKind.ENCRYPTED:
        return show(field, value, labels)
    if field.kind in SOURCED:
        return {"id": value, "label": labels.get(field.key, {}).get(value, "")}
    return _json(value)


def _json(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else plain(value)


def understood(type_: RecordType, given: Mapping[str, Any], *, new: bool = False) -> Reading:
    """What was sent, read by the fields' own rules; `new`: what is required must be there."""
    known, texts, problems = type_.by_key(), dict[str, str](), dict[str, Invalid]()
    for key, value in given.items():
        try:
            texts[key] = _text(known, key, value)
        except Invalid as problem:
            problems[key] = problem
    reading = read_rows([known[key] for key in texts], [texts], Context(g.actor))[0]
    if new:
        lacking = [each for each in type_.writable(g.actor) if each.required and each.default is None]
        problems |= {each.key: Invalid(_REQUIRED) for each in lacking if each.key not in given}
    reading.problems |= problems
    return reading


def _text(known: Mapping[str, Field], key: str, value: Any) -> str:
    """The value as somebody would type it into the form."""
    if key not in known:
        raise Invalid(UNKNOWN)
    field = known[key]
    if not field.writable_by(g.actor):
        raise Invalid(_NOT_WRITTEN)
    if field.kind in SOURCED and isinstance(value, dict | int):
        return _label(field, value["id"] if isinstance(value, dict) and "id" in value else value)
    return typed(value)


def typed(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str() | int() | float():
            return str(value)
        case [*parts] if all(isinstance(each, str) for each in parts):
            return ",".join(parts)
    raise Invalid(_NOT_UNDERSTOOD)


def _label(field: Field, id_: Any) -> str:
    """What people would type; it resolves to the same value again, and only for whoever may see that."""
    if field.kind is FieldKind.REFERENCE:
        return str(id_)
    of_any_type = field.kind is FieldKind.LINK and not field.links
    fits = isinstance(id_, str) and _OF_A_TYPE.fullmatch(id_) if of_any_type else type(id_) is int
    known = field.source.labels(g.actor, [id_]) if field.source and fits else {}
    if not (label := known.get(id_)):
        raise Invalid(_NO_SUCH)
    return label
