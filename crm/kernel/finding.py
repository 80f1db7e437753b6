"""What a text names, best first: for the box that searches everything."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row

from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.asking import Query
from crm.kernel.keyset import Order, joined_up
from crm.kernel.listing import ListSpec


def best(spec: ListSpec, actor: Actor, text: str, size: int) -> Sequence[Row[Any]]:
    """What it is (the list's `named`, in their order), then what else the list's search finds; of equals the newest.

    Rows have `id` and the list's `always` columns. Each question is limited, so none reads more than a page.
    """
    found: dict[int, Row[Any]] = {}
    for criterion in spec.named(text):
        if len(found) < size:
            _add(found, _newest(spec, actor, criterion, size))
    if len(found) < size:
        _add(found, spec.page(actor, Query(search=text), size=size).rows)
    return list(found.values())[:size]


def _add(found: dict[int, Row[Any]], rows: Sequence[Row[Any]]) -> None:
    for row in rows:
        found.setdefault(row.id, row)


def _newest(spec: ListSpec, actor: Actor, criterion: ColumnElement[bool], size: int) -> Sequence[Row[Any]]:
    by = spec.field(spec.sort.lstrip("-"))
    order = Order(by.order_by(), spec.entity.id, spec.sort.startswith("-"))
    columns = (spec.entity.id, *spec.always, order.column.label("_at"))
    asked = [each.where(criterion).with_only_columns(*columns) for each in spec.entity.branches(actor)]
    parts = [next(iter(order.parts(each, ""))).limit(size) for each in asked]
    return db.session.execute(joined_up(parts, order).limit(size)).all()
