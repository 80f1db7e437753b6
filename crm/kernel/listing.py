"""A list, declared once: which fields it shows, filters and sorts, and how it pages.

Paging is by keyset in two parts: rows that have a value in the sort column, then those
that have none, each one plain range of one index. Page 10,000 costs what page 1 costs.
"""

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sqlalchemy import Row, Select, String, cast, func, literal, select, tuple_

from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid
from crm.kernel.fields import Context, Field
from crm.kernel.operators import criterion
from crm.kernel.text import N_

# An index alone counts a whole list; a narrowed one must look at each row (10,000 of a big owner's: 400 ms).
COUNT_CAP, NARROWED_CAP = 10_000, 1_000


@dataclass(frozen=True)
class Count:
    """How many there are; with `more`, at least so many: “10,000+”."""

    number: int
    more: bool = False


@dataclass(frozen=True)
class Query:
    """What the person asked for. Equal questions are equal objects, so a saved view is just this."""

    search: str = ""
    filters: tuple[tuple[str, str, str], ...] = ()
    sort: str = ""
    columns: tuple[str, ...] = ()
    after: str = ""
    before: str = ""

    @classmethod
    def from_args(cls, items: Iterable[tuple[str, str]]) -> "Query":
        """From the address: `?status__in=new,open&q=acme&sort=-name&after=…`. Empty values ask nothing."""
        plain: dict[str, str] = {}
        filters = []
        for key, given in items:
            value = given.strip()
            if "__" in key and value:
                name, _, operator = key.rpartition("__")
                filters.append((name, operator, value))
            elif value:
                plain[key] = f"{plain[key]},{value}" if key == "cols" and key in plain else value
        columns = tuple(part for part in plain.get("cols", "").split(",") if part)
        return cls(
            plain.get("q", ""),
            tuple(sorted(_joined(filters))),
            plain.get("sort", ""),
            columns,
            plain.get("after", ""),
            plain.get("before", ""),
        )

    def to_args(self) -> list[tuple[str, str]]:
        named = {"q": self.search, "sort": self.sort, "cols": ",".join(self.columns)}
        named |= {"after": self.after, "before": self.before}
        filters = [(f"{name}__{operator}", value) for name, operator, value in self.filters]
        return filters + [(key, value) for key, value in named.items() if value]

    @property
    def narrows(self) -> bool:
        return bool(self.search or self.filters)

    def but(self, **changes: Any) -> "Query":
        """The same question changed; the place in the list is forgotten."""
        return replace(self, **({"after": "", "before": ""} | changes))


def _joined(filters: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Several ticked boxes of one filter are one filter."""
    joined: dict[tuple[str, str], list[str]] = {}
    for name, operator, value in filters:
        joined.setdefault((name, operator), []).append(value)
    return [(name, operator, ",".join(values)) for (name, operator), values in joined.items()]


@dataclass(frozen=True)
class Page:
    rows: Sequence[Row[Any]]
    after: str  # cursor of the next page, or nothing
    before: str  # cursor of the page before, or nothing


@dataclass(frozen=True)
class ListSpec:
    entity: Any
    fields: tuple[Field, ...]
    columns: tuple[str, ...]  # shown until the person chooses
    search: Callable[[Select[Any], str], Select[Any]]
    sort: str
    always: tuple[Any, ...] = ()  # columns every row carries besides its id
    page_size: int = 25
    context: Callable[[Actor], Context] = Context

    @cached_property
    def by_key(self) -> dict[str, Field]:
        return {each.key: each for each in self.fields}

    def field(self, key: str) -> Field:
        if key not in self.by_key:
            raise Invalid(N_("There is no field called “%(field)s”."), field=key)
        return self.by_key[key]

    def shown(self, query: Query) -> list[Field]:
        chosen = [self.by_key[key] for key in query.columns if key in self.by_key]
        return chosen or [self.by_key[key] for key in self.columns]

    def select(self, actor: Actor, query: Query) -> Select[Any]:
        """Every record the question asks for and the actor may see, in no order."""
        statement = self.entity.visible_to(actor)
        for key, operator, value in query.filters:
            statement = statement.where(criterion(self.field(key), operator, value, self.context(actor)))
        return self.search(statement, query.search) if query.search else statement

    def count(self, actor: Actor, query: Query) -> Count:
        """How many there are, counted up to a cap that keeps it cheap."""
        cap = NARROWED_CAP if query.narrows else COUNT_CAP
        some = self.select(actor, query).with_only_columns(literal(1)).limit(cap + 1).subquery()
        number = db.session.scalar(select(func.count()).select_from(some)) or 0
        return Count(min(number, cap), number > cap)

    def page(self, actor: Actor, query: Query, size: int | None = None) -> Page:
        size = size or self.page_size
        order = self._order(query)
        cursor = query.before or query.after
        found = self._fetch(self.select(actor, query), order, query, size + 1)
        more = len(found) > size
        rows = found[:size]
        if query.before:
            rows.reverse()
        older = _cursor(rows[-1]) if rows and (more or query.before) else ""
        newer = _cursor(rows[0]) if rows and cursor and (more or not query.before) else ""
        return Page(rows, older, newer)

    def _order(self, query: Query) -> "_Order":
        sort = query.sort or self.sort
        by = self.field(sort.lstrip("-"))
        if not by.sortable:
            raise Invalid(N_("This list cannot be sorted by “%(field)s”."), field=by.label)
        order = _Order(by.order_by(), self.entity.id, sort.startswith("-"))
        return order.reversed() if query.before else order

    def _fetch(self, statement: Select[Any], order: "_Order", query: Query, wanted: int) -> list[Row[Any]]:
        columns = [each.column for each in self.shown(query) if each.column is not None]
        columns = [self.entity.id, *self.always, *columns]
        narrowed: Select[Any] = statement.with_only_columns(*columns, order.column.label("_at"))
        found: list[Row[Any]] = []
        for part in order.parts(narrowed, query.before or query.after):
            if missing := wanted - len(found):
                found += db.session.execute(part.limit(missing)).all()
        return found


@dataclass(frozen=True)
class _Order:
    """Valued rows first, then the empty ones (turned round when walking back): each part one index range."""

    column: Any
    id: Any
    descending: bool
    backwards: bool = False

    def reversed(self) -> "_Order":
        return replace(self, descending=not self.descending, backwards=True)

    def parts(self, statement: Select[Any], cursor: str) -> Iterable[Select[Any]]:
        at = _decode(cursor) if cursor else None
        if not self.column.expression.nullable:
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
        if at is not None:
            here = tuple_(cast(literal(at[0], String), self.column.type), at[1])
            statement = statement.where(self._beyond(tuple_(self.column, self.id), here))
        return statement.order_by(self._toward(self.column), self._toward(self.id))

    def _empty(self, statement: Select[Any], at: Any) -> Select[Any]:
        if at is not None:
            statement = statement.where(self._beyond(self.id, at[1]))
        return statement.order_by(self._toward(self.id))

    def _beyond(self, left: Any, right: Any) -> Any:
        return left < right if self.descending else left > right

    def _toward(self, column: Any) -> Any:
        return column.desc() if self.descending else column.asc()


def _cursor(row: Row[Any]) -> str:
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
