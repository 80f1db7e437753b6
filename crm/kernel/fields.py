"""A field, declared once: form, page, filter, sort, import and export iterate these and know nothing else.

A new kind of field is one line in FieldKind, one in PARSE (crm/kernel/parsing.py), one in OPERATORS
(crm/kernel/operators.py) and one in crm/web/fields.py; tests/architecture names the one that is missing.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute

from crm.kernel.access import Actor, FieldRight
from crm.kernel.company import company
from crm.kernel.conditions import Condition
from crm.kernel.errors import Invalid
from crm.kernel.kinds import SOURCED, FieldKind
from crm.kernel.language import words_of
from crm.kernel.parsing import PARSE, restored
from crm.kernel.permissions import Permission
from crm.kernel.sealed import alike
from crm.kernel.tags import Tags
from crm.kernel.text import N_, clean, fold

NO_CURRENCY = "XXX"  # the unit of an amount whose currency stands in another field of the record


@dataclass(frozen=True)
class Choice:
    key: str
    label: str
    tone: str = ""  # ok, warn, bad, info or nothing
    aliases: tuple[str, ...] = ()  # other spellings an import may bring
    retired: bool = False  # kept where it stands, not offered any more
    help: str = ""  # of a tag: what it means
    asks_why: bool = False  # of a tag: it is put on with a reason
    means: str = ""  # of a tag: the key of the one it became


class Source(Protocol):
    """Where the values of a sourced field come from; always asked for many at once."""

    def resolve(self, actor: Actor, texts: Collection[str]) -> Mapping[str, Any]:
        """What people typed → the stored value, or an Invalid that says why not."""

    def labels(self, actor: Actor, values: Collection[Any]) -> Mapping[Any, str]:
        """Stored value → what people read; what they read resolves to the same value again."""

    def search(self, actor: Actor, text: str, limit: int) -> Sequence[str]:
        """Labels to offer while typing, best first."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Field:
    """Equal to itself alone, so that what is made of a field is kept under it for next to nothing."""

    key: str
    label: str
    kind: FieldKind
    column: InstrumentedAttribute[Any] | ColumnElement[Any] | None = None
    sort_column: InstrumentedAttribute[Any] | None = None  # where order differs from what is shown (pinyin)
    choices: tuple[Choice, ...] = ()
    source: Source | None = None
    links: str = ""  # of a link: the type of record its values are
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
    custom: bool = False  # made by an administrator: its value stands under its key in the record's `custom`
    kept_in: ColumnElement[Any] | None = None  # that `custom`, whose one index answers for fields without their own
    unique: bool = False  # no two records have the same value
    required_from: Condition | None = None  # must be filled in from a stage on
    shown_if: Condition | None = None  # where there is a place for it at all
    unit: str = ""  # the currency of an amount
    sensitive: bool = False  # a change takes effect when a second person has confirmed it
    place: str = ""  # of an encrypted value: where alone it can be read

    @cached_property
    def spellings(self) -> Mapping[str, str]:
        """Everything a choice may be called, folded → its key; what stands first wins."""
        found: dict[str, str] = {choice.key: choice.key for choice in self.choices}
        for choice in self.choices:
            for text in () if choice.retired else (choice.label, *words_of(choice.label), *choice.aliases):
                found.setdefault(fold(text), choice.key)
        return found

    @cached_property
    def tags(self) -> Tags:
        return Tags(self.choices)

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

    def value_in(self, record: Any) -> Any:
        """The value this record has."""
        if self.custom:
            return restored(self.kind, record.custom.get(self.key))
        return getattr(record, str(self.column.key)) if self.column is not None else None

    def same(self, one: Any, other: Any) -> bool:
        """Whether two stored values are the same; an encrypted one looks different each time."""
        return alike(self.place, one, other) if self.kind is FieldKind.ENCRYPTED else bool(one == other)

    def order_by(self) -> Any:
        return self.sort_column if self.sort_column is not None else self.column


@dataclass(frozen=True)
class Context:
    """What reading a value depends on besides the field."""

    actor: Actor
    region: str = ""  # of phone numbers without a country; the company's where none is said

    @property
    def phone_region(self) -> str:
        return self.region or company.phone_region


@dataclass
class Reading:
    """One row after reading: the good values and, per field, what is wrong with the bad ones."""

    values: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, Invalid] = field(default_factory=dict)


# Kinds of which many rows say the same: each text is read once a batch. Not those whose values could be changed, such
# as lists, and not those of which every value is another one, such as sealed ones.
_RECURRING = SOURCED | {FieldKind.CHOICE, FieldKind.YES_NO, FieldKind.DATE}


def read_rows(fields: Sequence[Field], rows: Sequence[Mapping[str, str]], context: Context) -> list[Reading]:
    """Texts by field key → values by field key. The same for one form and for 2,000 rows of a file."""
    return read_columns(fields, {each.key: [row.get(each.key) for row in rows] for each in fields}, len(rows), context)


def read_columns(
    fields: Sequence[Field], columns: Mapping[str, Iterable[str | None]], count: int, context: Context
) -> list[Reading]:
    """`read_rows` for `count` rows given as their texts by field key; None where a row says nothing of the field."""
    readings = [Reading() for _ in range(count)]
    for each in fields:
        if each.key in columns:
            _read(each, columns[each.key], readings, context)
    for each in fields:
        if each.kind in SOURCED:
            _resolve(each, readings, context)
    return readings


def _read(field: Field, texts: Iterable[str | None], readings: Sequence[Reading], context: Context) -> None:
    known: dict[str, tuple[Any, Invalid | None]] = {}
    key, recurring = field.key, field.kind in _RECURRING
    for text, reading in zip(texts, readings, strict=True):
        if text is None:
            continue
        if (read := known.get(text)) is None:
            read = _parsed(field, text, context)
            if recurring or not text:
                known[text] = read
        value, problem = read
        if value is not _UNREAD:
            reading.values[key] = value
        if problem is not None:
            reading.problems[key] = problem


_UNREAD = object()


def _parsed(field: Field, text: str, context: Context) -> tuple[Any, Invalid | None]:
    """The value, or _UNREAD, and what is wrong with it."""
    try:
        value = field.parse(text, context)
    except Invalid as problem:
        return _UNREAD, problem
    return value, Invalid(N_("This is required.")) if value is None and field.required else None


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
