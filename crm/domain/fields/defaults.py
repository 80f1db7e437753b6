"""What a new record has in the company's own fields that nobody was asked for: a column less in a file, a layout."""

from collections.abc import Iterable, Mapping
from typing import Any

from crm.kernel.fields import Field


def with_defaults(fields: Iterable[Field], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """An answer left empty stays empty, unless the field must be filled in."""
    missing = [each for each in fields if each.default is not None and values.get(each.key) is None]
    given = {each.key: each.default for each in missing if each.required or each.key not in values}
    return {**values, **given} if given else values
