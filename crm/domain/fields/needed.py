"""Fields that must be filled in from a stage or status on."""

from collections.abc import Iterable, Mapping
from typing import Any

from crm.kernel.errors import Invalid
from crm.kernel.fields import Field
from crm.kernel.text import N_


def refuse_missing(fields: Mapping[str, Field], values: Mapping[str, Any], record: Any = None) -> None:
    """Raises Invalid for the first field that the record, as it would be, must have and has not.

    Only where this change touches the field or what asks for it: other work on the record goes on.
    """

    def would_be(field: Field) -> Any:
        if field.key in values:
            return values[field.key]
        return field.value_in(record) if record is not None else field.default

    for field in _asked_for(fields.values(), values):
        condition = field.required_from
        if condition is None or (asking := fields.get(condition.field)) is None:
            continue
        if would_be(asking) in condition.values and would_be(field) is None:
            sentence = N_("“%(field)s” must be filled in from here on.")
            raise Invalid(sentence, field=field.label, key=field.key)


def _asked_for(fields: Iterable[Field], values: Mapping[str, Any]) -> list[Field]:
    return [
        each
        for each in fields
        if each.required_from is not None and (each.key in values or each.required_from.field in values)
    ]
