"""Values by field key as JSON keeps them until a verb takes them, and back."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from crm.kernel.contact import Phone
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.parsing import RESTORE


def pack(values: Mapping[str, Any]) -> dict[str, Any]:
    """Empty ones are left out, since they change nothing."""
    return {key: _PACK.get(type(value), _same)(value) for key, value in values.items() if value is not None}


def whole(values: Mapping[str, Any]) -> dict[str, Any]:
    """With the empty ones, for values that are to be put back."""
    return {key: None if value is None else _PACK.get(type(value), _same)(value) for key, value in values.items()}


def unpack(fields: Mapping[str, Field], values: Mapping[str, Any]) -> dict[str, Any]:
    """What was kept for a field that is there no more is left where it is."""
    return {
        key: None if value is None else _UNPACK.get(fields[key].kind, _same)(value)
        for key, value in values.items()
        if key in fields
    }


def stored(record: Any, field: Field) -> Any:
    """The value a record has, as the verbs take it."""
    value = field.value_in(record)
    if field.kind is FieldKind.PHONE and value is not None:
        return Phone(value, getattr(record, f"{field.key}_original", None) or value)
    return value


def _same(value: Any) -> Any:
    return value


_PACK: dict[type, Callable[[Any], Any]] = {
    Phone: list,
    dt.date: dt.date.isoformat,
    dt.datetime: dt.datetime.isoformat,
    dt.time: dt.time.isoformat,
}
_UNPACK: dict[FieldKind, Callable[[Any], Any]] = {
    FieldKind.PHONE: lambda parts: Phone(parts[0], parts[-1]),
    **RESTORE,
}
