"""Fields that hang on others: asked for only where another field has some value, or demanded from there on."""

from collections.abc import Iterable, Mapping
from typing import Any

from crm.kernel.conditions import is_shown
from crm.kernel.errors import Invalid
from crm.kernel.events import plain
from crm.kernel.fields import Field
from crm.kernel.text import N_


def would_be(field: Field, values: Mapping[str, Any], record: Any = None) -> Any:
    """The value after this change."""
    if field.key in values:
        return values[field.key]
    return field.value_in(record) if record is not None else field.default


def check_conditions(fields: Mapping[str, Field], values: Mapping[str, Any], record: Any = None) -> None:
    """Raises Invalid where something must be filled in and is not, or is filled in and has no place."""
    refuse_missing(fields, values, record)
    refuse_unshown(fields, values, record)


def refuse_missing(fields: Mapping[str, Field], values: Mapping[str, Any], record: Any = None) -> None:
    """Raises Invalid for the first field that the record, as it would be, must have and has not.

    Only where this change touches the field or what asks for it: other work on the record goes on.
    """
    for field in _asked_for(fields.values(), values):
        condition = field.required_from
        if condition is None or (asking := fields.get(condition.field)) is None:
            continue
        shown = is_shown(field, fields, lambda each: would_be(each, values, record))
        demanded = shown and condition.holds(would_be(asking, values, record))
        if demanded and would_be(field, values, record) is None:
            sentence = N_("“%(field)s” must be filled in from here on.")
            raise Invalid(sentence, field=field.label, key=field.key)


def refuse_unshown(fields: Mapping[str, Field], values: Mapping[str, Any], record: Any = None) -> None:
    """Raises Invalid for the first new value of a field that the record, as it would be, has no place for.

    What stands in such a field already is kept, for the day its condition holds again.
    """
    for key, value in values.items():
        field = fields.get(key)
        if field is None or field.shown_if is None or value is None:
            continue
        if record is not None and field.same(plain(value), plain(field.value_in(record))):
            continue
        if not is_shown(field, fields, lambda each: would_be(each, values, record)):
            raise Invalid(UNSHOWN, field=field.label, other=fields[field.shown_if.field].label, key=field.key)


UNSHOWN = N_("“%(field)s” has no place here: that depends on “%(other)s”. Leave it empty or change the other field.")


def _asked_for(fields: Iterable[Field], values: Mapping[str, Any]) -> list[Field]:
    return [
        each
        for each in fields
        if each.required_from is not None and (each.key in values or each.required_from.field in values)
    ]
