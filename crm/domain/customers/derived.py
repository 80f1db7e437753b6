"""From the values people fill in to the columns the table keeps."""

from collections.abc import Mapping
from typing import Any

from crm.kernel.contact import Phone
from crm.kernel.events import plain
from crm.kernel.fields import Field
from crm.kernel.text import name_key, search_text, search_tokens, sort_key, tsvector

# The stored columns the derived ones are made from.
SEARCHED = ("name", "number", "phone", "email")


def columns_of(values: Mapping[str, Any], by_key: Mapping[str, Field]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values by field key → values by column, and what goes under its key into `custom`; a phone fills two columns."""
    columns: dict[str, Any] = {}
    custom: dict[str, Any] = {}
    for key, value in values.items():
        field = by_key[key]
        if field.custom:
            custom[key] = plain(value)
        elif isinstance(value, Phone):
            columns |= {"phone": value.e164, "phone_original": value.original}
        else:
            name = columns_name(field)
            columns[name] = value
            if name == "phone":
                columns["phone_original"] = value
    return columns, custom


def columns_name(field: Field) -> str:
    assert field.column is not None
    return str(field.column.key)


def derived(columns: Mapping[str, Any]) -> dict[str, Any]:
    """`columns` needs SEARCHED. What the list sorts and searches by."""
    name, phone = columns["name"], columns["phone"]
    tokens = search_tokens(name, phones=[phone], emails=[columns["email"]], codes=[columns["number"]])
    return {
        "name_key": name_key(name),
        "sort_key": sort_key(name),
        "search": tsvector(tokens),
        "search_text": search_text(name, columns["number"]),
    }
