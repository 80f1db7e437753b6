"""From the values people fill in to the columns a table keeps, and from those to what it is found and ordered by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from crm.kernel.contact import Phone
from crm.kernel.events import plain
from crm.kernel.fields import Field
from crm.kernel.text import search_text, search_tokens, sort_key, tsvector

Columns = Mapping[str, Any]


def columns_of(values: Mapping[str, Any], by_key: Mapping[str, Field]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values by field key → values by column, and what goes under its key into `custom`.

    A phone fills two columns where the table keeps what was typed.
    """
    columns: dict[str, Any] = {}
    custom: dict[str, Any] = {}
    for key, value in values.items():
        field = by_key[key]
        if field.custom:
            custom[key] = plain(value)
        elif isinstance(value, Phone):
            name = columns_name(field)
            columns |= {name: value.e164, f"{name}_original": value.original}
        else:
            name = columns_name(field)
            columns[name] = value
            if name == "phone":
                columns["phone_original"] = value
    return columns, custom


@lru_cache(4096)
def columns_name(field: Field) -> str:
    assert field.column is not None
    return str(field.column.key)


@dataclass(frozen=True)
class Recipe:
    """What a type is found by besides its name and number: columns of phones, of mail addresses and of other texts.

    `also` makes the columns that this type alone derives, such as the key of exact duplicates.
    """

    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    also: Callable[[Columns], Mapping[str, Any]] = lambda columns: {}

    @property
    def sources(self) -> tuple[str, ...]:
        """The stored columns the derived ones are made from."""
        return ("name", "number", *self.phones, *self.emails, *self.texts)

    def __call__(self, columns: Columns) -> dict[str, Any]:
        """`columns` needs `sources`."""
        name = columns["name"]
        said = " ".join((name, *(columns[each] for each in self.texts if columns[each])))
        tokens = search_tokens(
            said,
            phones=[columns[each] for each in self.phones],
            emails=[columns[each] for each in self.emails],
            codes=[columns["number"]],
        )
        found = {"sort_key": sort_key(name), "search": tsvector(tokens)}
        return found | {"search_text": search_text(said, columns["number"])} | dict(self.also(columns))
