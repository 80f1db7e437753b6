"""The numbers of a tile: one statement, made of the list's own question, so that number and list are the same."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, and_, func

from crm.domain.dashboards.asking import Asked
from crm.domain.dashboards.goals import targets
from crm.domain.dashboards.grouping import days
from crm.domain.dashboards.tiles import MEAN, SHARE, Column, Figures, Number, Row, Tile
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.arguments import Filters
from crm.kernel.asking import Query
from crm.kernel.fields import Field
from crm.kernel.listing import ListSpec
from crm.kernel.operators import criterion
from crm.kernel.patience import within

TILE_MS = 5_000


def figures(actor: Actor, tile: Tile, asked: Asked) -> Figures | None:
    """None where the reader may not compare by what the tile asks for. Raises OutOfTime."""
    fields = tile.record_type.list.open_to(actor).by_key
    if not all(_may_compare(fields.get(key)) for key in tile.needs(actor, asked)):
        return None
    columns = [each for each in tile.columns if _is_for(actor, each, fields)]
    gone = {each.key for each in tile.columns} - {each.key for each in columns}
    columns = [each for each in columns if gone.isdisjoint((each.part, *each.over))]
    with within(TILE_MS):
        rows = tile.ask(actor, tile, columns, asked)
        goals = {each.key: targets(actor, each.goal, asked) for each in columns if each.goal}
    shown = [each for each in columns if not each.goal or goals[each.key]]  # where nobody set any, there is no column
    return Figures(tile, shown, [_with_goals(row, goals) for row in rows])


def _may_compare(field: Field | None) -> bool:
    """Neither hidden nor masked: a number told by it would tell what stands there."""
    return field is not None and not field.masked and field.filterable


def _is_for(actor: Actor, column: Column, fields: dict[str, Field]) -> bool:
    if column.also and not actor.may(RECORD_TYPES[column.also].may_read):
        return False
    return all(_may_compare(fields.get(key)) for key in column.needs(actor))


def _with_goals(row: Row, goals: dict[str, dict[Any, Decimal]]) -> Row:
    return Row(row.key, row.numbers | {key: Number(known.get(row.key)) for key, known in goals.items()})  # type: ignore[operator]


def question(*filters: tuple[str, str, str], groups: tuple[Filters, ...] = ()) -> Query:
    """As its list is asked."""
    return Query(filters=tuple(sorted(filters)), groups=groups)


def base(actor: Actor, tile: Tile, asked: Asked, *sums: str) -> tuple[ListSpec, Select[Any]]:
    """The list as the actor has it, and all records that the tile is about; `sums` are fields to be at hand."""
    spec = tile.record_type.list.open_to(actor)
    narrowed = days(tile.by.during, asked.span) if tile.by.during else ()
    query = question(*tile.filters(actor), *asked.owned, *narrowed)
    return spec, spec.select(actor, query.but(columns=sums))


def counted(actor: Actor, tile: Tile, columns: Sequence[Column], asked: Asked) -> list[Row]:
    own = [each for each in columns if not each.part and not each.goal]
    spec, statement = base(actor, tile, asked, *(each.sums for each in own if each.sums))
    field = spec.field(tile.by.field)
    key = tile.by.sql(field, asked.span)
    told = statement.with_only_columns(key, *(_sum(actor, spec, each) for each in own)).group_by(key)
    found = {row[0]: dict(zip((each.key for each in own), row[1:], strict=True)) for row in db.session.execute(told)}
    keys = tile.by.keys(field, asked.span, found)
    if keys is None:
        keys = sorted(found, key=lambda each: (each is None, -(found[each][own[0].key] or 0), str(each)))
    groups = tile.by.filters(actor, field, asked.span, keys)
    return [_row(actor, tile, columns, asked, each, groups[each], found.get(each, {})) for each in keys]


def _sum(actor: Actor, spec: ListSpec, column: Column) -> Any:
    context = spec.context(actor)
    asked = [criterion(spec.field(key), operator, text, context) for key, operator, text in column.filters(actor)]
    if column.only is not None:
        asked.append(column.only(spec.by_key))
    total = func.sum(spec.field(column.sums).column) if column.sums else func.count()
    return total.filter(and_(*asked)) if asked else total


def _row(
    actor: Actor,
    tile: Tile,
    columns: Sequence[Column],
    asked: Asked,
    key: Any,
    group: Filters | None,
    found: dict[str, Any],
) -> Row:
    numbers = {}
    for each in columns:
        query = None
        if group is not None and not each.unlisted and not each.over and not each.goal:
            query = question(*tile.filters(actor), *asked.owned, *group, *each.filters(actor))
        numbers[each.key] = Number(value_of(each, found), query)
    return Row(key, numbers)


def value_of(column: Column, found: dict[str, Any]) -> Decimal | int | None:
    """Of what was counted of a group; nothing where there is nothing to divide by."""
    value = found.get(column.part or column.key) or 0
    if not column.over:
        return Decimal(value) if column.sums else int(value)
    whole = sum(found.get(each) or 0 for each in column.over)
    if not whole:
        return None
    share = Decimal(value) / Decimal(whole)
    assert column.kind in (SHARE, MEAN)
    return round(share * 100 if column.kind == SHARE else share, 1)
