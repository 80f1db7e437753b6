"""The values of a list's fields as cells of a file: as their reader may see them, in a form that an import reads back.

What a cell says is prepared once for a field and then asked for each value, a column of a batch at a time.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from crm.infra import json
from crm.infra.sheets import Cell, Column
from crm.kernel.access import Actor
from crm.kernel.company import company
from crm.kernel.contact import format_phone
from crm.kernel.fields import Choice, Field
from crm.kernel.kinds import SOURCED, FieldKind
from crm.kernel.parsing import SEPARATORS
from crm.kernel.text import fold
from crm.web.fields import show
from crm.web.i18n import gettext

One = Callable[[Any], str]


def _number(value: Any) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _moment(value: dt.datetime) -> str:
    return value.astimezone(ZoneInfo(company.timezone)).isoformat(" ", "seconds")[:19]


def _by_key(field: Field, keys: bool) -> Mapping[str, str]:
    """Choice → its words; its key where these would not be read back as it, as of one that is not offered any more."""

    def told(choice: Choice) -> str:
        words = gettext(choice.label)
        clear = field.spellings.get(fold(words)) == choice.key and not SEPARATORS.search(words)
        return words if clear and not keys else choice.key

    return {each.key: told(each) for each in field.choices}


def _choice(field: Field, keys: bool) -> One:
    words = _by_key(field, keys)
    return lambda value: words.get(value, value)


def _choices(field: Field, keys: bool) -> One:
    words = _by_key(field, keys)
    return lambda value: ", ".join(words.get(each, each) for each in value)


def _yes_no(field: Field, keys: bool) -> One:
    words = {True: "yes", False: "no"} if keys else {True: gettext("Yes"), False: gettext("No")}
    return lambda value: words[value]


def _phone(field: Field, keys: bool) -> One:
    region = company.phone_region
    return str if keys else lambda value: format_phone(value, region)


def _tags(field: Field, keys: bool, value: Sequence[str]) -> list[str]:
    """The tags there are now, whatever they were called when they were put on."""
    words = _by_key(field, keys)
    return [words.get(each, each) for each in field.tags.now(value)]


def _same(one: One) -> Callable[[Field, bool], One]:
    return lambda field, keys: one


# Kinds that need more than their text; what comes from elsewhere is told by its source.
_TOLD: dict[FieldKind, Callable[[Field, bool], One]] = {
    FieldKind.NUMBER: _same(_number),
    FieldKind.MONEY: _same(_number),
    FieldKind.CHOICE: _choice,
    FieldKind.MULTI_CHOICE: _choices,
    FieldKind.YES_NO: _yes_no,
    FieldKind.TAGS: lambda field, keys: lambda value: ", ".join(_tags(field, keys, value)),
    FieldKind.DATE: _same(dt.date.isoformat),
    FieldKind.DATETIME: _same(_moment),
    FieldKind.TIME: _same(lambda value: str(value.strftime("%H:%M"))),
    FieldKind.PHONE: _phone,
    FieldKind.ENCRYPTED: lambda field, keys: lambda value: show(field, value, {}),
}
_CELLS = {
    FieldKind.NUMBER: Cell.NUMBER,
    FieldKind.MONEY: Cell.MONEY,
    FieldKind.DATE: Cell.DAY,
    FieldKind.DATETIME: Cell.MOMENT,
}
_WIDTHS = {FieldKind.LONG_TEXT: 48, FieldKind.LINK: 36, FieldKind.PERSON: 28, FieldKind.REFERENCE: 28}
_WIDTHS |= {FieldKind.DATE: 12, FieldKind.DATETIME: 20, FieldKind.YES_NO: 8, FieldKind.TIME: 8, FieldKind.TEXT: 24}


class Told:
    """One field's column. `as_json`: each cell a JSON value."""

    def __init__(self, actor: Actor, field: Field, heading: str, *, keys: bool, as_json: bool) -> None:
        self.actor, self.field, self.as_json = actor, field, as_json
        self.sourced = (
            field.source if field.kind in SOURCED and not (keys and field.kind is FieldKind.REFERENCE) else None
        )
        cell = Cell.JSON if as_json else Cell.TEXT if field.masked else _CELLS.get(field.kind, Cell.TEXT)
        width = max(_WIDTHS.get(field.kind, 16), min(len(heading.encode("gb18030")) + 2, 40))
        self.column = Column(json.dumps(heading) if as_json else heading, cell, width)
        self.one = _TOLD[field.kind](field, keys) if field.kind in _TOLD else str
        if as_json and not field.masked:
            self.one = self._as_json(self.one, keys)

    def texts(self, values: Sequence[Any]) -> list[str]:
        """`values` as the list reads them."""
        empty = "null" if self.as_json else ""
        if self.field.masked or self.sourced is not None:
            return self._looked_up(values, empty)
        if self.one is str:
            return ["" if value is None else value for value in values]
        one = self.one
        return [empty if value is None or value == [] else one(value) for value in values]

    def _looked_up(self, values: Sequence[Any], empty: str) -> list[str]:
        wanted, field = {each for each in values if each is not None} if self.sourced else set(), self.field
        words: Mapping[Any, str] = self.sourced.labels(self.actor, wanted) if self.sourced and wanted else {}
        if field.masked:
            shown = (show(field, value, {field.key: words}) for value in values)
        else:
            shown = (words.get(value, "") for value in values)
        return [(json.dumps(text) if text else empty) for text in shown] if self.as_json else list(shown)

    def _as_json(self, one: One, keys: bool) -> One:
        match self.field.kind:
            case FieldKind.NUMBER | FieldKind.MONEY:
                return one
            case FieldKind.YES_NO:
                return lambda value: "true" if value else "false"
            case FieldKind.TAGS:
                return lambda value: json.dumps(_tags(self.field, keys, value))
            case FieldKind.MULTI_CHOICE:
                words = _by_key(self.field, keys)
                return lambda value: json.dumps([words.get(each, each) for each in value])
        return lambda value: json.dumps(one(value))


def headings(fields: Sequence[Field], keys: bool) -> list[str]:
    """Each once: where two fields are called the same, the second has its key."""
    found: list[str] = []
    for field in fields:
        words = field.key if keys else gettext(field.label)
        found.append(field.key if words in found else words)
    return found
