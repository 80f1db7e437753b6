"""Ways in which a row goes into a record that is here: what of it the record gets."""

from collections.abc import Mapping
from typing import Any

from crm.domain.imports.states import Outcome
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.packing import stored

_SEVERAL = frozenset({FieldKind.TAGS, FieldKind.MULTI_CHOICE})


def folded(way: str, fields: Mapping[str, Field], record: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """`way` is “update”: what the row says; “fill”: where the record has nothing; “merge”: that, what a list has not
    yet, and long texts behind what is there. `record` is None where it is not the actor's to see any more."""
    said = {key: value for key, value in values.items() if value is not None}
    if way == "update" or record is None:
        return said
    found = {}
    for key, value in said.items():
        has = stored(record, fields[key])
        if has in (None, [], ""):
            found[key] = value
        elif way == "merge" and (more := _joined(fields[key], has, value)) != has:
            found[key] = more
    return found


def became(
    outcome: str, fields: Mapping[str, Field], before: Mapping[str, Any], said: Mapping[str, Any]
) -> dict[str, Any]:
    """What a row has made of the fields that it changed, all packed: `said` is what the file says of them."""
    return {
        key: _joined(fields[key], has, said[key])
        if outcome == Outcome.MERGED and key in fields and has and said.get(key) is not None
        else said.get(key)
        for key, has in before.items()
    }


def _joined(field: Field, has: Any, value: Any) -> Any:
    if field.kind in _SEVERAL:
        return [*has, *(each for each in value if each not in has)]
    if field.kind is FieldKind.LONG_TEXT and value not in has:
        joined = f"{has}\n{value}"
        return joined if len(joined) <= field.max_length else has
    return has
