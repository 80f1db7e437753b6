"""A field, declared once: form, page, filter, sort, import and export iterate these and know nothing else.

A new kind of field is one line in PARSE (below), one in OPERATORS (crm/kernel/operators.py)
and one in crm/web/fields.py; tests/architecture names the one that is missing.
"""

import datetime as dt
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any, Protocol

from sqlalchemy.orm import InstrumentedAttribute

from crm.kernel.access import Actor, FieldRight
from crm.kernel.company import company
from crm.kernel.contact import parse_email, parse_phone, parse_url
from crm.kernel.errors import Invalid
from crm.kernel.permissions import Permission
from crm.kernel.text import N_, clean, fold


class FieldKind(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long_text"
    CHOICE = "choice"
    TAGS = "tags"
    DATE = "date"
    DATETIME = "datetime"
    PHONE = "phone"
    EMAIL = "email"
    URL = "url"
    REFERENCE = "reference"  # a code of a tree shipped with the product
    PERSON = "person"
    LINK = "link"  # another record


def fields_for(actor: Actor, type_: str, fields: Sequence["Field"]) -> tuple["Field", ...]:
    """The fields that exist for this actor, each as they have it. Every surface starts from here."""
    rights = actor.fields.get(type_)
    if not rights:
        return tuple(fields)
    return tuple(own for each in fields if (own := each.with_right(actor.right_to(type_, each.key))) is not None)


SOURCED = frozenset({FieldKind.REFERENCE, FieldKind.PERSON, FieldKind.LINK})


@dataclass(frozen=True)
class Choice:
    key: str
    label: str
    tone: str = ""  # ok, warn, bad, info or nothing
    aliases: tuple[str, ...] = ()  # other spellings an import may bring


class Source(Protocol):
    """Where the values of a sourced field come from; always asked for many at once."""

    def resolve(self, actor: Actor, texts: Collection[str]) -> Mapping[str, Any]:
        """What people typed → the stored value, or an Invalid that says why not."""

    def labels(self, actor: Actor, values: Collection[Any]) -> Mapping[Any, str]:
        """Stored value → what people read; what they read resolves to the same value again."""

    def search(self, actor: Actor, text: str, limit: int) -> Sequence[str]:
        """Labels to offer while typing, best first."""


@dataclass(frozen=True, kw_only=True)
class Field:
    key: str
    label: str
    kind: FieldKind
    column: InstrumentedAttribute[Any] | None = None
    sort_column: InstrumentedAttribute[Any] | None = None  # where order differs from what is shown (pinyin)
    choices: tuple[Choice, ...] = ()
    source: Source | None = None
    required: bool = False
    default: Any = None  # what a new record gets when a file says nothing
    editable: bool = True
    sortable: bool = False
    filterable: bool = True
    max_length: int = 200
    help: str = ""
    headings: tuple[str, ...] = ()  # how other systems head this column
    needs: Permission | None = None  # to fill it in, beyond editing the record
    core: bool = False  # what a record is known by: nobody is kept from seeing it
    masked: bool = False  # this reader sees its shape, not its value

    @cached_property
    def spellings(self) -> Mapping[str, str]:
        """Everything a choice may be called, folded → its key; what stands first wins."""
        found: dict[str, str] = {choice.key: choice.key for choice in self.choices}
        for choice in self.choices:
            for text in (choice.label, *choice.aliases):
                found.setdefault(fold(text), choice.key)
        return found

    def choice(self, key: str | None) -> Choice | None:
        return next((each for each in self.choices if each.key == key), None)

    def parse(self, text: str, context: "Context") -> Any:
        """One cell or input → the value to store; None when empty; raises Invalid with a sentence.

        A sourced field gives its cleaned text: `read_rows` resolves it with all the others.
        """
        text = clean(text, lines=self.kind is FieldKind.LONG_TEXT)
        if not text:
            return None
        if len(text) > self.max_length:
            raise Invalid(
                N_("It has %(length)s characters; at most %(most)s fit."), length=len(text), most=self.max_length
            )
        return PARSE[self.kind](self, text, context)

    def with_right(self, right: FieldRight) -> "Field | None":
        """The field as somebody with this right has it; None when for them it does not exist."""
        if self.core or right is FieldRight.WRITE:
            return self
        if right is FieldRight.HIDDEN:
            return None
        if right is FieldRight.MASKED:  # what may not be read may not be guessed by comparing either
            return replace(self, masked=True, editable=False, filterable=False, sortable=False)
        return replace(self, editable=False)

    def writable_by(self, actor: Actor) -> bool:
        return self.editable and (self.needs is None or actor.may(self.needs))

    def order_by(self) -> Any:
        return self.sort_column if self.sort_column is not None else self.column


@dataclass(frozen=True)
class Context:
    """What reading a value depends on besides the field."""

    actor: Actor

    @property
    def phone_region(self) -> str:
        return company.phone_region


def _choice(field: Field, text: str, context: Context) -> str:
    if key := field.spellings.get(fold(text)):
        return key
    known = [choice.label for choice in field.choices]
    raise Invalid(N_("“%(value)s” is not one of the choices: %(known)s."), value=text[:60], known=known)


def _tags(field: Field, text: str, context: Context) -> list[str] | None:
    tags = dict.fromkeys(part.strip() for part in re.split(r"[,;，；、|\n]", text))
    return [tag for tag in tags if tag] or None


_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T ].*)?$")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})$")


def _date(field: Field, text: str, context: Context) -> dt.date:
    if found := _DATE.match(fold(text).upper()) or _COMPACT_DATE.match(fold(text)):
        try:
            return dt.date(*map(int, found.groups()))
        except ValueError:
            pass  # 2026-02-30: the sentence below says it
    raise Invalid(N_("“%(value)s” is not a date such as 2026-11-21."), value=text[:60])


def _datetime(field: Field, text: str, context: Context) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid(N_("“%(value)s” is not a time such as 2026-11-21 14:30."), value=text[:60]) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _as_is(field: Field, text: str, context: Context) -> str:
    return text


PARSE: dict[FieldKind, Callable[[Field, str, Context], Any]] = {
    FieldKind.TEXT: _as_is,
    FieldKind.LONG_TEXT: _as_is,
    FieldKind.CHOICE: _choice,
    FieldKind.TAGS: _tags,
    FieldKind.DATE: _date,
    FieldKind.DATETIME: _datetime,
    FieldKind.PHONE: lambda field, text, context: parse_phone(text, context.phone_region),
    FieldKind.EMAIL: lambda field, text, context: parse_email(text),
    FieldKind.URL: lambda field, text, context: parse_url(text),
    FieldKind.REFERENCE: _as_is,
    FieldKind.PERSON: _as_is,
    FieldKind.LINK: _as_is,
}


@dataclass
class Reading:
    """One row after reading: the good values and, per field, what is wrong with the bad ones."""

    values: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, Invalid] = field(default_factory=dict)


def read_rows(fields: Sequence[Field], rows: Sequence[Mapping[str, str]], context: Context) -> list[Reading]:
    """Texts by field key → values by field key. The same for one form and for 2,000 rows of a file."""
    readings = [_read(fields, row, context) for row in rows]
    for each in fields:
        if each.kind in SOURCED:
            _resolve(each, readings, context)
    return readings


def _read(fields: Sequence[Field], row: Mapping[str, str], context: Context) -> Reading:
    reading = Reading()
    for each in fields:
        if each.key not in row:
            continue
        try:
            value = each.parse(row[each.key], context)
        except Invalid as problem:
            reading.problems[each.key] = problem
            continue
        reading.values[each.key] = value
        if value is None and each.required:
            reading.problems[each.key] = Invalid(N_("This is required."))
    return reading


def _resolve(each: Field, readings: Sequence[Reading], context: Context) -> None:
    texts = {text for reading in readings if (text := reading.values.get(each.key)) is not None}
    if not texts or each.source is None:
        return
    found = each.source.resolve(context.actor, texts)
    for reading in readings:
        if (text := reading.values.get(each.key)) is not None:
            value = found[text]
            if isinstance(value, Invalid):
                reading.problems[each.key] = value
                del reading.values[each.key]
            else:
                reading.values[each.key] = value
