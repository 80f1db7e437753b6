"""The rows of an export: what the list asks for, within the reach of exporting, in one snapshot and bounded memory."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Row, Select, func, literal, select

from crm.infra.db import db, driven
from crm.kernel.access import Actor
from crm.kernel.asking import Query
from crm.kernel.errors import Invalid
from crm.kernel.fields import Field
from crm.kernel.patience import OutOfTime, within
from crm.kernel.records import RecordType
from crm.kernel.text import N_

BATCH = 2_000
_COUNT_MS = 1_000  # what somebody may wait for a number


def selected(actor: Actor, type_: RecordType, query: Query, fields: Sequence[Field] = ()) -> Select[Any]:
    """`type_` as the actor has it; Invalid where the question does not fit (any more)."""
    keys = tuple(each.key for each in fields)
    statement = type_.list.select(actor, query.but(columns=keys))
    held = type_.entity.held_by(actor, type_.may_export)
    return statement if held is None else statement.where(held)


def count(actor: Actor, type_: RecordType, query: Query, most: int) -> int | None:
    """How many there are, at most one more than `most`; None where that takes too long to wait for."""
    some = selected(actor, type_, query).with_only_columns(literal(1)).limit(most + 1)
    try:
        with within(_COUNT_MS):
            return db.session.scalar(select(func.count()).select_from(some.subquery())) or 0
    except OutOfTime:
        return None


def whole_count(actor: Actor, type_: RecordType, query: Query) -> int:
    every = selected(actor, type_, query).with_only_columns(literal(1))
    return db.session.scalar(select(func.count()).select_from(every.subquery())) or 0


def seen(actor: Actor, type_: RecordType, query: Query, exported: int) -> int:
    """How many the list shows, of which `exported` are within the reach of exporting."""
    if type_.entity.held_by(actor, type_.may_export) is None:
        return exported
    every = type_.list.select(actor, query.but(columns=())).with_only_columns(literal(1))
    return db.session.scalar(select(func.count()).select_from(every.subquery())) or 0


def one_snapshot() -> None:
    """All that this transaction reads from here on is of one moment, and it only reads. To be called first in it;
    within another's transaction there is nothing to be said."""
    if not db.session.connection().in_nested_transaction():
        driven("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def _order(column: Any, id_: Any, sort: str) -> tuple[Any, Any]:
    """Empty ones last either way. Where there are none it is not said, so that an index has that order too."""
    if not sort.startswith("-"):
        return column.asc(), id_.asc()
    nullable = getattr(column.expression, "nullable", True)
    return (column.desc().nulls_last() if nullable else column.desc()), id_.desc()


def batches(actor: Actor, type_: RecordType, query: Query, fields: Sequence[Field]) -> Iterator[Sequence[Row[Any]]]:
    """(id, values of the fields) in the order of the list, read by a cursor that stays on the server."""
    entity, statement = type_.entity, selected(actor, type_, query, fields)
    sort = query.sort or type_.list.sort
    by = type_.list.field(sort.lstrip("-"))
    if not by.sortable:
        raise Invalid(N_("This list cannot be sorted by “%(field)s”."), field=by.label)
    columns = [each.column for each in fields if each.column is not None]
    found = statement.with_only_columns(entity.id, *columns).order_by(*_order(by.order_by(), entity.id, sort))
    yield from db.session.execute(found, execution_options={"yield_per": BATCH}).partitions()
