"""The rows of an export: what the list asks for, within the reach of exporting, in one snapshot and bounded memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Asked:
    """A list's question, or, of it, the order alone: `ticked` are the ids of the rows that are meant then."""

    query: Query
    ticked: tuple[int, ...] | None = None

    def select(self, actor: Actor, type_: RecordType, keys: tuple[str, ...] = ()) -> Select[Any]:
        """Everything of it that the actor may see."""
        if self.ticked is None:
            return type_.list.select(actor, self.query.but(columns=keys))
        only = Query(sort=self.query.sort, columns=keys)
        return type_.list.select(actor, only).where(type_.entity.id.in_(self.ticked))


def selected(actor: Actor, type_: RecordType, asked: Asked, fields: Sequence[Field] = ()) -> Select[Any]:
    """`type_` as the actor has it; Invalid where the question does not fit (any more)."""
    statement = asked.select(actor, type_, tuple(each.key for each in fields))
    held = type_.entity.held_by(actor, type_.may_export)
    return statement if held is None else statement.where(held)


def count(actor: Actor, type_: RecordType, asked: Asked, most: int) -> int | None:
    """How many there are, at most one more than `most`; None where that takes too long to wait for."""
    some = selected(actor, type_, asked).with_only_columns(literal(1)).limit(most + 1)
    try:
        with within(_COUNT_MS):
            return db.session.scalar(select(func.count()).select_from(some.subquery())) or 0
    except OutOfTime:
        return None


def whole_count(actor: Actor, type_: RecordType, asked: Asked) -> int:
    every = selected(actor, type_, asked).with_only_columns(literal(1))
    return db.session.scalar(select(func.count()).select_from(every.subquery())) or 0


def seen(actor: Actor, type_: RecordType, asked: Asked, exported: int) -> int:
    """How many of it the list shows, of which `exported` are within the reach of exporting."""
    if type_.entity.held_by(actor, type_.may_export) is None:
        return exported
    every = asked.select(actor, type_).with_only_columns(literal(1))
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


def batches(actor: Actor, type_: RecordType, asked: Asked, fields: Sequence[Field]) -> Iterator[Sequence[Row[Any]]]:
    """(id, values of the fields) in the order of the list, read by a cursor that stays on the server."""
    entity, statement = type_.entity, selected(actor, type_, asked, fields)
    sort = asked.query.sort or type_.list.sort
    by = type_.list.field(sort.lstrip("-"))
    if not by.sortable:
        raise Invalid(N_("This list cannot be sorted by “%(field)s”."), field=by.label)
    columns = [each.column for each in fields if each.column is not None]
    found = statement.with_only_columns(entity.id, *columns).order_by(*_order(by.order_by(), entity.id, sort))
    yield from db.session.execute(found, execution_options={"yield_per": BATCH}).partitions()
