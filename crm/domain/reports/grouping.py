"""By what a report may tell records apart, as SQL, and by which filters a list finds the same ones."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, DateTime, Text, cast, func
from sqlalchemy.types import TypeEngine

from crm.domain.reports.asking import Dimension
from crm.kernel.access import Actor
from crm.kernel.arguments import Filters
from crm.kernel.asking import Query
from crm.kernel.company import company
from crm.kernel.fields import Field
from crm.kernel.kinds import SOURCED, FieldKind
from crm.kernel.text import N_

UNITS = {
    "day": N_("by day"),
    "week": N_("by week"),
    "month": N_("by month"),
    "quarter": N_("by quarter"),
    "year": N_("by year"),
}
LEVELS = {"2": N_("broadly"), "4": N_("more finely"), "": N_("as it stands")}
TIMES = (FieldKind.DATE, FieldKind.DATETIME)
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_TYPES: dict[FieldKind, TypeEngine[Any]] = {
    FieldKind.CHOICE: Text(),
    FieldKind.YES_NO: Boolean(),
    FieldKind.REFERENCE: Text(),
    FieldKind.PERSON: BigInteger(),
    FieldKind.LINK: BigInteger(),
    FieldKind.DATE: Date(),
    FieldKind.DATETIME: Date(),
}


class Rest:
    """All groups beyond those that are told one by one."""


REST = Rest()


def may_group(field: Field) -> bool:
    return comparable(field) and field.kind in _TYPES and (field.kind not in SOURCED or field.source is not None)


def comparable(field: Field) -> bool:
    """Neither hidden nor masked: a number told by it would tell what stands there."""
    return not field.masked and field.filterable and field.column is not None


def units_of(field: Field) -> Mapping[str, str]:
    if field.kind in TIMES:
        return UNITS
    return LEVELS if field.kind is FieldKind.REFERENCE else {"": ""}


def dimension_of(field: Field, unit: str) -> Dimension:
    """With the unit where there is such a one."""
    known = units_of(field)
    usual = "month" if field.kind in TIMES else next(iter(known))
    return Dimension(field.key, unit if unit in known else usual)


def type_of(field: Field) -> TypeEngine[Any]:
    return _TYPES[field.kind]


def sql(field: Field, unit: str) -> Any:
    column: Any = field.column
    if field.kind is FieldKind.DATETIME:
        moment = cast(column, DateTime(timezone=True)) if field.custom else column
        return cast(func.date_trunc(unit, func.timezone(company.timezone, moment)), Date)
    if field.kind is FieldKind.DATE:
        return cast(func.date_trunc(unit, cast(column, Date)), Date)
    if field.kind is FieldKind.REFERENCE and unit:
        return func.left(column, int(unit))
    return column


def last_of(unit: str, first: dt.date) -> dt.date:
    """The last day of the stretch that begins so."""
    if unit in _MONTHS:
        months = first.year * 12 + first.month - 1 + _MONTHS[unit]
        if months // 12 > dt.MAXYEAR:
            return dt.date.max
        return dt.date(months // 12, months % 12 + 1, 1) - dt.timedelta(days=1)
    return dt.date.fromordinal(min(first.toordinal() + (6 if unit == "week" else 0), dt.date.max.toordinal()))


def filters_of(actor: Actor, field: Field, unit: str, keys: Collection[Any]) -> dict[Any, Filters]:
    """Key of a group → how a list asks for it; those are missing for which no list can ask."""
    found = {key: _plain(field, unit, key) for key in keys if key is not REST and field.kind not in _NAMED}
    if field.kind in _NAMED:
        found = {None: ((field.key, "empty", "1"),)} | _named(actor, field, [key for key in keys if _is_value(key)])
    return {key: asked for key, asked in found.items() if asked}


_NAMED = (FieldKind.PERSON, FieldKind.LINK)


def _is_value(key: Any) -> bool:
    return key is not None and key is not REST


def _plain(field: Field, unit: str, key: Any) -> Filters:
    if key is None:
        return ((field.key, "empty", "1"),)
    if field.kind in TIMES:
        days = key.isoformat(), last_of(unit, key).isoformat()
        return ((field.key, "gte", days[0]), (field.key, "lte", days[1]))
    if field.kind is FieldKind.YES_NO:
        return ((field.key, "is", "yes" if key else "no"),)
    if field.kind is FieldKind.REFERENCE:
        return ((field.key, "within" if unit and len(key) == int(unit) else "is", key),)
    return ((field.key, "is", key),) if field.choice(key) else ()


def _named(actor: Actor, field: Field, keys: Collection[Any]) -> dict[Any, Filters]:
    """A list finds people and records by words; those that mean another one, or none, are no way to them."""
    assert field.source is not None
    labels = field.source.labels(actor, keys)
    found = field.source.resolve(actor, set(labels.values())) if labels else {}
    return {
        key: ((field.key, "is", words),)
        for key, words in labels.items()
        if words and "," not in words and found.get(words) == key
    }


def narrowed(query: Query, added: Filters) -> Query | None:
    """Both, for a group with records in it: a list is asked each comparison of a field once. None: it cannot be."""
    known = {each[:2]: each[2] for each in query.filters}
    groups = set(query.groups)
    for key, operator, value in added:
        before = known.get((key, operator), value)
        if operator in ("gte", "lte"):
            try:
                days = [dt.date.fromisoformat(before), dt.date.fromisoformat(value)]
            except ValueError:
                return None
            known[key, operator] = (max(days) if operator == "gte" else min(days)).isoformat()
        elif before == value or operator == "in":
            known[key, operator] = value
        elif operator == "within":  # twice over, as one of two of which either means it
            groups.add(((key, "is", value), (key, operator, value)))
    filters = tuple(sorted((key, operator, value) for (key, operator), value in known.items()))
    return query.but(filters=filters, groups=tuple(sorted(groups)))
