"""The numbers of a report: the list's own question grouped once, totals and all, in one statement.

Where there are more groups than a page holds, a statement before it says which are told one by one; the others are one
group, so that totals add up, and averages and different values are those of all records.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ARRAY, Select, Subquery, cast, func, literal, select, tuple_

from crm.domain.registry import RECORD_TYPES
from crm.domain.reports import measuring
from crm.domain.reports.asking import COUNT, Measure, Question
from crm.domain.reports.grouping import REST, TIMES, dimension_of, may_group, sql, type_of
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.fields import Field
from crm.kernel.listing import ListSpec
from crm.kernel.patience import within

REPORT_MS = 5_000
ALL = object()  # the group of a total
Key = tuple[Any, ...]  # of each dimension the group, or ALL


@dataclass(frozen=True)
class Found:
    """`cells` is {key of each dimension: its numbers, and how many records there are}; `groups` are those of each
    dimension that are told, `left_out` how many others there are. `gone` are fields that are not there (any more)."""

    question: Question
    spec: ListSpec
    cells: Mapping[Key, Sequence[Any]]
    groups: Sequence[Sequence[Any]]
    left_out: Sequence[int]
    gone: Sequence[str]

    def fields(self) -> list[Field]:
        return [self.spec.by_key[each.field] for each in self.question.dimensions]


def open_to(actor: Actor, question: Question) -> tuple[ListSpec, Question, list[str]]:
    """The list as the actor has it, what of the question there is in it, and the fields that are missing.

    Invalid where it is narrowed by something that they may not ask: fewer records would be all of them.
    """
    spec = RECORD_TYPES[question.type].list.open_to(actor)
    gone = [each.field for each in question.dimensions if not _may_group(spec, each.field)]
    gone += [each.field for each in question.measures if each.field and not _may_measure(spec, each)]
    asked = question.without(gone)
    rows = tuple(dimension_of(spec.by_key[each.field], each.unit) for each in asked.rows)
    column = asked.column and dimension_of(spec.by_key[asked.column.field], asked.column.unit)
    spec.select(actor, asked.query)
    return spec, replace(asked, rows=rows, column=column), list(dict.fromkeys(gone))


def _may_group(spec: ListSpec, key: str) -> bool:
    return key in spec.by_key and may_group(spec.by_key[key])


def _may_measure(spec: ListSpec, measure: Measure) -> bool:
    field = spec.by_key.get(measure.field)
    return field is not None and measuring.may_measure(spec, field, measure.how)


def most_of(question: Question) -> list[int]:
    """How many groups of each dimension are told one by one: what a page holds."""
    if question.column is None:
        return [[], [50], [16, 8]][len(question.rows)]
    return [[8], [30, 8], [10, 6, 6]][len(question.rows)]


def found(actor: Actor, question: Question) -> Found:
    """Raises Invalid, or OutOfTime."""
    spec, asked, gone = open_to(actor, question)
    base = _base(actor, spec, asked)
    fields = [spec.by_key[each.field] for each in asked.dimensions]
    with within(REPORT_MS):
        groups, left_out = _groups(base, asked, fields)
        cells = _cells(base, asked, fields, groups, left_out)
    told = [[*own, *([REST] if more else [])] for own, more in zip(groups, left_out, strict=True)]
    return Found(asked, spec, cells, told, left_out, gone)


def _base(actor: Actor, spec: ListSpec, question: Question) -> Subquery:
    """A row for each record: d0, d1, … and v0, v1, …"""
    keys = [*(each.field for each in question.dimensions), *(each.field for each in question.measures if each.field)]
    if any(measuring.asks_currency(spec, each) for each in question.measures):
        keys.append(measuring.CURRENCY)
    columns = [
        sql(spec.by_key[each.field], each.unit).label(f"d{at}") for at, each in enumerate(question.dimensions)
    ] + [measuring.value(spec, each).label(f"v{at}") for at, each in enumerate(question.measures) if each.how != COUNT]
    statement = spec.select(actor, question.query.but(columns=tuple(keys)))
    return statement.with_only_columns(spec.entity.id, *columns).subquery("report")


def _measured(base: Subquery, measure: Measure, at: int) -> Any:
    return measuring.told(measure, None if measure.how == COUNT else base.c[f"v{at}"])


def _groups(base: Subquery, question: Question, fields: Sequence[Field]) -> tuple[list[list[Any]], list[int]]:
    """Of each dimension the groups told one by one, and how many there are beyond."""
    most = most_of(question)
    groups, left_out = [list[Any]() for _ in fields], [0 for _ in fields]
    if not fields:
        return groups, left_out
    for row in db.session.execute(_ranked(base, question, fields, max(most))):
        at = next(n for n in range(len(fields)) if not _is_total(row.which, n, len(fields)))
        if len(groups[at]) < most[at]:
            groups[at].append(row[1 + at])
        left_out[at] = max(0, row.total - most[at])
    return groups, left_out


def _is_total(which: int, at: int, many: int) -> bool:
    """Of what GROUPING said: a bit for each dimension, the first is the greatest."""
    return bool(which & (1 << (many - 1 - at)))


def _ranked(base: Subquery, question: Question, fields: Sequence[Field], most: int) -> Select[Any]:
    """The groups of each dimension alone: by the measure that sorts, else the latest days, else those with the most."""
    columns = [base.c[f"d{at}"] for at in range(len(fields))]
    by = abs(int(question.sort)) - 1 if question.sort else None
    measure = func.count() if by is None else _measured(base, question.measures[by], by)
    told = [func.grouping(*columns).label("which"), *columns, func.count().label("many"), measure.label("measure")]
    one = select(*told).group_by(func.grouping_sets(*map(tuple_, columns))).subquery()
    order: list[Any] = []
    if by is not None:
        order = [one.c.measure.asc() if question.sort[0] != "-" else one.c.measure.desc().nulls_last()]
    else:
        order = [one.c[f"d{at}"].desc().nulls_last() for at, each in enumerate(fields) if each.kind in TIMES]
    order += [one.c.many.desc(), *(one.c[each.name] for each in columns)]
    place = func.row_number().over(partition_by=one.c.which, order_by=order).label("place")
    total = func.count().over(partition_by=one.c.which).label("total")
    ranked = select(one.c.which, *(one.c[each.name] for each in columns), place, total).subquery()
    return select(ranked).where(ranked.c.place <= most).order_by(ranked.c.place)


def _cells(
    base: Subquery,
    question: Question,
    fields: Sequence[Field],
    groups: Sequence[Sequence[Any]],
    left_out: Sequence[int],
) -> dict[Key, Sequence[Any]]:
    """Every group and every total, by one look at the records."""
    told = [
        func.array_position(cast(list(own), ARRAY(type_of(field))), base.c[f"d{at}"]) if more else base.c[f"d{at}"]
        for at, (field, own, more) in enumerate(zip(fields, groups, left_out, strict=True))
    ]
    values = [base.c[f"v{at}"] for at, each in enumerate(question.measures) if each.how != COUNT]
    labelled = [each.label(f"k{at}") for at, each in enumerate(told)]
    capped = select(base.c.id, *labelled, *values).subquery()
    numbers = [_measured(capped, each, at).label(f"m{at}") for at, each in enumerate(question.measures)]
    keys = [capped.c[f"k{at}"] for at in range(len(fields))]
    which = func.grouping(*keys) if keys else literal(0)
    statement = select(which.label("which"), *keys, *numbers, func.count().label("many")).select_from(capped)
    if keys:
        statement = statement.group_by(func.grouping_sets(*(tuple_(*each) for each in _totals(question, keys))))
    return {
        tuple(
            ALL if _is_total(row.which, at, len(keys)) else _key(row[1 + at], groups[at], left_out[at])
            for at in range(len(keys))
        ): row[1 + len(keys) :]
        for row in db.session.execute(statement)
    }


def _totals(question: Question, keys: Sequence[Any]) -> list[list[Any]]:
    """The whole, the rows, and the rows in rows; each with and without the columns."""
    rows = list(keys[: len(question.rows)])
    nested = [rows[:depth] for depth in range(len(rows) + 1)]
    return nested if question.column is None else [*nested, *([*each, keys[-1]] for each in nested)]


def _key(value: Any, own: Sequence[Any], left_out: int) -> Any:
    if not left_out:
        return value
    return REST if value is None else own[value - 1]
