"""What a new record has in the company's own fields that nobody was asked for: a column less in a file, a layout."""

from collections.abc import Mapping
from typing import Any

from crm.domain.fields.needed import would_be
from crm.kernel.conditions import is_shown
from crm.kernel.fields import Field


def with_defaults(fields: Mapping[str, Field], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """An answer left empty stays empty, unless the field must be filled in."""
    missing = [each for each in fields.values() if each.custom and each.default is not None]
    missing = [each for each in missing if values.get(each.key) is None and (each.required or each.key not in values)]
    shown = [each for each in missing if is_shown(each, fields, lambda it: would_be(it, values))]
    return {**values, **{each.key: each.default for each in shown}} if shown else values
