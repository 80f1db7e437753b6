"""The order of a list and a place in it: keyset paging in two parts, as crm/kernel/listing.py explains."""

import base64
import binascii
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row, Select, String, cast, literal, select, tuple_, union_all

from crm.kernel.errors import Invalid
from crm.kernel.text import N_


def joined_up(parts: Sequence[Select[Any]], order: "Order | None" = None) -> Any:
    """Limited statements as one; in order if they are."""
    if len(parts) == 1:
        return parts[0]
    union = union_all(*(select(part.subquery()) for part in parts))
    if order is None:
        return union
    at, id_ = union.selected_columns["_at"], union.selected_columns["id"]
    return union.order_by(order.toward(at), order.toward(id_))


@dataclass(frozen=True)
class Order:
    """Valued rows first, then the empty ones (turned round when walking back): each part one index range."""

    column: Any
    id: Any
    descending: bool
    backwards: bool = False
    valued_id: Any = None  # the id as the table of the column has it, where that is another one

    def reversed(self) -> "Order":
        return replace(self, descending=not self.descending, backwards=True)

    def parts(self, statement: Select[Any], cursor: str) -> Iterable[Select[Any]]:
        at = _decode(cursor) if cursor else None
        if self.valued_id is None and not getattr(self.column.expression, "nullable", True):
            return [self._valued(statement, at)]
        valued, empty = statement.where(self.column.is_not(None)), statement.where(self.column.is_(None))
        in_empty = at is not None and at[0] is None
        if self.backwards:
            last = [self._valued(valued, None if in_empty else at)]
            return [self._empty(empty, at), *last] if in_empty else last
        if in_empty:
            return [self._empty(empty, at)]
        return [self._valued(valued, at), self._empty(empty, None)]

    def _valued(self, statement: Select[Any], at: Any) -> Select[Any]:
        id_ = self.id if self.valued_id is None else self.valued_id
        if at is not None:
            here = tuple_(cast(literal(at[0], String), self.column.type), at[1])
            statement = statement.where(self._beyond(tuple_(self.column, id_), here))
        return statement.order_by(self.toward(self.column), self.toward(id_))

    def _empty(self, statement: Select[Any], at: Any) -> Select[Any]:
        if at is not None:
            statement = statement.where(self._beyond(self.id, at[1]))
        return statement.order_by(self.toward(self.id))

    def _beyond(self, left: Any, right: Any) -> Any:
        return left < right if self.descending else left > right

    def toward(self, column: Any) -> Any:
        return column.desc() if self.descending else column.asc()


def cursor_of(row: Row[Any]) -> str:
    value = row._mapping["_at"]
    return base64.urlsafe_b64encode(json.dumps([None if value is None else str(value), row.id]).encode()).decode()


def _decode(cursor: str) -> tuple[str | None, int]:
    try:
        value, id_ = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        if not isinstance(id_, int) or not isinstance(value, str | None):
            raise TypeError(cursor)
    except (ValueError, TypeError, binascii.Error) as error:
        raise Invalid(N_("This page of the list is not there any more: start from the first.")) from error
    return value, id_
