"""How a field may be compared in a filter, and how that reads as a sentence."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, false, func, literal_column, not_, or_

from crm.kernel.company import company
from crm.kernel.errors import Invalid
from crm.kernel.events import plain
from crm.kernel.fields import Context, Field
from crm.kernel.kinds import SOURCED, FieldKind
from crm.kernel.periods import days_of
from crm.kernel.sealed import marks, opened_asked
from crm.kernel.text import N_


@dataclass(frozen=True)
class Operator:
    """`build(column, values)` → a criterion. `many`: values are separated by commas; `none`: it takes no value;
    `period` and `group`: what is meant depends on the day and on who asks; `sealed`: the value is not to be read.
    """

    key: str
    sentence: str
    build: Callable[[Any, list[Any]], ColumnElement[bool]]
    takes: str = "one"


def _is(column: Any, values: list[Any]) -> ColumnElement[bool]:
    criterion: ColumnElement[bool] = column == values[0]
    return criterion


def _day_after(value: Any) -> Any:
    try:
        return value + dt.timedelta(days=1) if isinstance(value, dt.date) else value
    except OverflowError:  # after the last day of the calendar there is none
        return value


def _holds(column: Any, value: Any) -> ColumnElement[bool]:
    """`value` may be several that mean the same, such as the tags that became one."""
    names = value if isinstance(value, list) else [value]
    return or_(*(column.contains([each]) for each in names))


def _has(column: Any, values: list[Any]) -> ColumnElement[bool]:
    return and_(*(_holds(column, each) for each in values))


def _has_any(column: Any, values: list[Any]) -> ColumnElement[bool]:
    return or_(*(_holds(column, each) for each in values))


def _lacks(column: Any, values: list[Any]) -> ColumnElement[bool]:
    return or_(column.is_(None), not_(_has_any(column, values)))


def mark_of(column: Any) -> ColumnElement[str]:
    """The blind index of a sealed column; written out, not bound, so that it matches its index."""
    mark: ColumnElement[str] = func.split_part(column, literal_column("'.'"), literal_column("2"))
    return mark


ALL_OPERATORS = {
    each.key: each
    for each in (
        Operator("is", N_("%(field)s is %(value)s"), _is),
        Operator("in", N_("%(field)s is %(value)s"), lambda column, values: column.in_(values), "many"),
        Operator(
            "contains",
            N_("%(field)s contains “%(value)s”"),
            lambda column, values: func.strpos(func.lower(column), values[0].lower()) > 0,
        ),
        Operator("within", N_("%(field)s is within %(value)s"), lambda column, values: column.startswith(values[0])),
        Operator("has", N_("%(field)s has %(value)s"), _has, "many"),
        Operator("any", N_("%(field)s has one of these: %(value)s"), _has_any, "many"),
        Operator("lacks", N_("%(field)s has none of these: %(value)s"), _lacks, "many"),
        Operator("gte", N_("%(field)s is on or after %(value)s"), lambda column, values: column >= values[0]),
        Operator("lte", N_("%(field)s is on or before %(value)s"), lambda column, v: column < _day_after(v[0])),
        Operator("min", N_("%(field)s is at least %(value)s"), lambda column, values: column >= values[0]),
        Operator("max", N_("%(field)s is at most %(value)s"), lambda column, values: column <= values[0]),
        Operator(
            "during",
            N_("%(field)s is in this period: %(value)s"),
            lambda column, values: and_(column >= values[0], column < values[1]),
            "period",
        ),
        Operator("of", N_("%(field)s is %(value)s"), lambda column, values: column.in_(values), "group"),
        Operator(
            "exactly",
            N_("%(field)s is exactly %(value)s"),
            lambda column, values: mark_of(column).in_(values),
            "sealed",
        ),
        Operator("empty", N_("%(field)s is empty"), lambda column, values: column.is_(None), "none"),
        Operator("filled", N_("%(field)s is filled in"), lambda column, values: column.is_not(None), "none"),
    )
}

_PRESENCE = ("empty", "filled")
_SEVERAL = ("has", "any", "lacks", *_PRESENCE)
OPERATORS: dict[FieldKind, tuple[str, ...]] = {
    FieldKind.TEXT: ("contains", "is", *_PRESENCE),
    FieldKind.LONG_TEXT: ("contains", *_PRESENCE),
    FieldKind.NUMBER: ("min", "max", "is", *_PRESENCE),
    FieldKind.MONEY: ("min", "max", "is", *_PRESENCE),
    FieldKind.MULTI_CHOICE: _SEVERAL,
    FieldKind.YES_NO: ("is", *_PRESENCE),
    FieldKind.CHOICE: ("in", "is", *_PRESENCE),
    FieldKind.TAGS: _SEVERAL,
    FieldKind.DATE: ("gte", "lte", "during", "is", *_PRESENCE),
    FieldKind.DATETIME: ("gte", "lte", "during", *_PRESENCE),
    FieldKind.TIME: _PRESENCE,
    FieldKind.PHONE: ("is", *_PRESENCE),
    FieldKind.EMAIL: ("is", "contains", *_PRESENCE),
    FieldKind.URL: ("contains", *_PRESENCE),
    FieldKind.REFERENCE: ("within", "is", *_PRESENCE),
    FieldKind.PERSON: ("is", "of", *_PRESENCE),
    FieldKind.LINK: ("is", *_PRESENCE),
    FieldKind.ENCRYPTED: ("exactly", *_PRESENCE),
}

# In a filter a moment is asked for by its day, and part of an address is enough.
_FREE = {FieldKind.TEXT, FieldKind.LONG_TEXT, FieldKind.EMAIL, FieldKind.URL}


def criterion(field: Field, operator: str, text: str, context: Context) -> ColumnElement[bool]:
    """`field operator text` as SQL; raises Invalid with a sentence when it makes no sense."""
    if operator not in OPERATORS[field.kind] or not field.filterable:
        raise Invalid(N_("This list cannot be filtered by “%(field)s” in that way."), field=field.label)
    chosen = ALL_OPERATORS[operator]
    values = _values(field, chosen, text, context)
    plainly = chosen.build(field.column, values)
    return plainly if field.kept_in is None else _by_value(field, operator, values, plainly)


def _values(field: Field, chosen: Operator, text: str, context: Context) -> list[Any]:
    if chosen.takes == "none":
        return []
    if chosen.takes in _MOVING:
        return _MOVING[chosen.takes](field, text, context)
    parts = text.split(",") if chosen.takes == "many" else [text]
    values = [value for part in parts if (value := _operand(field, chosen.key, part, context)) is not None]
    if not values:
        raise Invalid(N_("The filter on “%(field)s” has no value."), field=field.label)
    return values


def _by_value(field: Field, operator: str, values: list[Any], plainly: ColumnElement[bool]) -> ColumnElement[bool]:
    """The same, where the index on everything in `custom` can answer: it knows which values are where."""
    assert field.kept_in is not None
    if operator in ("is", "in", "of"):
        wanted = [field.kept_in.contains({field.key: plain(each)}) for each in values]
    elif operator == "has":
        return and_(field.kept_in != literal_column("'{}'"), field.kept_in.contains({field.key: values}))
    elif operator == "any":
        wanted = [field.kept_in.contains({field.key: [each]}) for each in values]
    else:
        return plainly
    return and_(field.kept_in != literal_column("'{}'"), or_(false(), *wanted))


def _operand(field: Field, operator: str, text: str, context: Context) -> Any:
    if operator == "contains" or field.kind in _FREE:
        return text.strip() or None
    if field.kind is FieldKind.DATETIME:
        return dt.datetime.combine(_parse_day(field, text, context), dt.time(), ZoneInfo(company.timezone))
    value = field.parse(text, context)
    if field.kind in SOURCED and value is not None and field.source is not None:
        value = field.source.resolve(context.actor, [value])[value]
        if isinstance(value, Invalid):
            raise value
    if field.kind is FieldKind.TAGS and value:
        return field.tags.alike(value[0])
    if field.kind is FieldKind.MULTI_CHOICE and value:
        return value[0]
    return getattr(value, "e164", value)


def _period(field: Field, text: str, context: Context) -> list[Any]:
    days = days_of(text.strip(), company.today())
    if field.kind is FieldKind.DATE:
        return list(days)
    return [dt.datetime.combine(day, dt.time(), ZoneInfo(company.timezone)) for day in days]


def _group(field: Field, text: str, context: Context) -> list[Any]:
    if (text not in GROUPS and department_in(text) is None) or field.source is None:
        raise Invalid(
            N_("“%(value)s” is not one of the choices: %(known)s."), value=text[:60], known=[*GROUPS.values()]
        )
    return list(field.source.group(context.actor, text))  # type: ignore[attr-defined]  # of people


def _sealed(field: Field, text: str, context: Context) -> list[Any]:
    return marks(field.place, opened_asked(field.place, text))


# People by what they are to whoever asks; a source of people knows who that is.
GROUPS = {"me": N_("me"), "my_department": N_("somebody of my department"), "my_branch": N_("somebody of my branch")}
_OF_DEPARTMENT = re.compile(r"department-(\d{1,18})")


def department_in(group: str) -> int | None:
    """“department-7” are the people of this department and of those below it."""
    found = _OF_DEPARTMENT.fullmatch(group)
    return int(found[1]) if found else None


_MOVING = {"period": _period, "group": _group, "sealed": _sealed}


def _parse_day(field: Field, text: str, context: Context) -> dt.date:
    return Field(key=field.key, label=field.label, kind=FieldKind.DATE).parse(text, context) or dt.date.max


def any_of(criteria: list[ColumnElement[bool]]) -> ColumnElement[bool]:
    return or_(*criteria)
