"""A list, declared once: which fields it shows, filters and sorts, and how it pages.

Paging is by keyset in two parts: rows that have a value in the sort column, then those
that have none, each one plain range of one index. Page 10,000 costs what page 1 costs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, false, func, literal, not_, or_, select

from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.asking import Query
from crm.kernel.beside import Beside
from crm.kernel.errors import Invalid
from crm.kernel.fields import Context, Field
from crm.kernel.keyset import Order, cursor_of, joined_up
from crm.kernel.operators import any_of, criterion
from crm.kernel.pages import Count, Page
from crm.kernel.patience import COUNT_MS, PAGE_MS, TooSlow, own_asked, patience
from crm.kernel.sealed import seal_filters
from crm.kernel.shaping import Eyes, eyes_of, fields_for, shape_of
from crm.kernel.text import N_
from crm.kernel.views import Delivered

# An index alone counts a whole list; a narrowed one must look at each row (10,000 of a big owner's: 400 ms), and a
# search must read the text of each as well (1,000: 120 ms).
COUNT_CAP, NARROWED_CAP, SEARCHED_CAP = 10_000, 1_000, 100
NEAR = 5_000  # rows a search looks through before it asks the index: 4 µs each, against 9 for each that the index finds


@dataclass(frozen=True)
class ListSpec:
    entity: Any
    fields: tuple[Field, ...]
    columns: tuple[str, ...]  # shown until the person chooses
    search: Callable[[str, Actor], ColumnElement[bool]]
    sort: str
    always: tuple[Any, ...] = ()  # columns every row carries besides its id
    with_custom: bool = False  # administrators' own fields of the type stand in it too
    beside: Beside | None = None
    page_size: int = 25
    views: tuple[Delivered, ...] = ()  # tabs that the product comes with
    # What a text is rather than holds, best first.
    named: Callable[[str], Sequence[ColumnElement[bool]]] = lambda text: ()
    called: Callable[[str], ColumnElement[bool]] = lambda text: false()  # elsewhere, so: few, found by their own index
    context: Callable[[Actor], Context] = Context

    @cached_property
    def by_key(self) -> dict[str, Field]:
        return {each.key: each for each in self.fields}

    def open_to(self, actor: Actor) -> "ListSpec":
        """This list with the fields that exist for the actor: a hidden one is not shown, filtered or sorted by."""
        return self._opened(eyes_of(actor, self.entity.__tablename__))

    @cached_property
    def _opened(self) -> Callable[[Eyes], "ListSpec"]:
        return lru_cache(64)(self._open)

    def _open(self, eyes: Eyes) -> "ListSpec":
        actor, type_ = eyes.actor, eyes.type
        custom = shape_of(actor, type_).fields if self.with_custom else ()
        standard = (each for each in self.fields if not each.custom)  # what is open already may be opened again
        own = fields_for(actor, type_, (*standard, *custom))
        if own == self.fields:
            return self
        keys = {each.key for each in own}
        sorts = [each.key for each in own if each.sortable]  # an order one may not know is none to begin with
        sort = self.sort if self.sort.lstrip("-") in sorts else next(iter(sorts), self.sort)
        return replace(self, fields=own, columns=tuple(key for key in self.columns if key in keys), sort=sort)

    def sealed(self, actor: Actor, query: Query) -> Query:
        """The question as it may be kept and stand in an address: what is looked for in encrypted fields is sealed."""
        places = {each.key: each.place for each in self.open_to(actor).fields if each.place}
        groups = tuple(seal_filters(places, each) for each in query.groups)
        return replace(query, filters=seal_filters(places, query.filters), groups=groups) if places else query

    def field(self, key: str) -> Field:
        if key not in self.by_key:
            raise Invalid(N_("There is no field called “%(field)s”."), field=key)
        return self.by_key[key]

    def shown(self, query: Query) -> list[Field]:
        chosen = [self.by_key[key] for key in query.columns if key in self.by_key]
        return chosen or [self.by_key[key] for key in self.columns]

    def select(self, actor: Actor, query: Query) -> Select[Any]:
        """Every record the question asks for and the actor may see, in no order."""
        spec = self.open_to(actor)
        narrowed = spec._narrowed(spec._joined(self.entity.visible_to(actor), query), actor, query)
        return spec._found(narrowed, actor, query)

    def branches(self, actor: Actor, query: Query) -> list[Select[Any]]:
        """select() of an opened list as statements that have no record in common, each a plain range of one index.

        What is called so elsewhere is one of its own, as what is shared is: words and ids have no index together.
        """
        every = [*self.entity.branches(actor), self.entity.visible_to(actor)]
        *among, all_of_it = [self._narrowed(self._joined(each, query), actor, query) for each in every]
        if not query.search:
            return among
        words, called = self.search(query.search, actor), self.called(query.search)
        return [*(each.where(words) for each in among), all_of_it.where(called, not_(words))]

    def _found(self, statement: Select[Any], actor: Actor, query: Query) -> Select[Any]:
        if not query.search:
            return statement
        return statement.where(or_(self.called(query.search), self.search(query.search, actor)))

    def _joined(self, statement: Select[Any], query: Query) -> Select[Any]:
        if self.beside is None:
            return statement
        keys = ((query.sort or self.sort).lstrip("-"), *(key for key, _, _ in query.asked))
        return self.beside.joined(statement, self.entity, [*map(self.by_key.get, keys), *self.shown(query)])

    def _narrowed(self, statement: Select[Any], actor: Actor, query: Query) -> Select[Any]:
        for key, operator, value in query.filters:
            statement = statement.where(criterion(self.field(key), operator, value, self.context(actor)))
        for group in query.groups:
            alike = [criterion(self.field(key), operator, value, self.context(actor)) for key, operator, value in group]
            statement = statement.where(any_of(alike))
        return statement

    def count(self, actor: Actor, query: Query, least: int = 0) -> Count:
        """How many there are, counted up to a cap that keeps it cheap; where that is too slow, `least` and more."""
        cap = SEARCHED_CAP if query.search else NARROWED_CAP if query.narrows else COUNT_CAP
        branches = (spec := self.open_to(actor)).branches(actor, query)
        some = joined_up([each.with_only_columns(literal(1)).limit(cap + 1) for each in branches]).limit(cap + 1)
        try:
            with patience(COUNT_MS, own_asked(spec.by_key, query.asked)):
                number = db.session.scalar(select(func.count()).select_from(some.subquery())) or 0
        except TooSlow:
            return Count(least, more=True)
        return Count(min(number, cap), number > cap)

    def page(self, actor: Actor, query: Query, size: int | None = None) -> Page:
        """Raises TooSlow, an Invalid, where no index helps to find what is asked for."""
        spec = self.open_to(actor)
        with patience(PAGE_MS, own_asked(spec.by_key, query.asked)):
            return spec._page(actor, query, size or self.page_size)

    def with_value(self, actor: Actor, field: Field, value: Any, size: int) -> Page:
        """The first records whose field, which has an index, holds a value that is known already."""
        spec, plain = self.open_to(actor), Query()
        branches = [spec._joined(each, plain).where(field.column == value) for each in self.entity.branches(actor)]
        found = self._fetch(spec._parts(branches, order := spec._order(plain), plain), order, size + 1)
        return Page(found[:size], cursor_of(found[size - 1]) if len(found) > size else "", "")

    def _page(self, actor: Actor, query: Query, size: int) -> Page:
        order = self._order(query)
        cursor = query.before or query.after
        found: list[Row[Any]] = []
        if query.search:
            found = self._fetch(self._parts(self._nearest(actor, order, query), order, query)[:1], order, size + 1)
        if len(found) <= size:
            found = self._fetch(self._parts(self.branches(actor, query), order, query), order, size + 1)
        more = len(found) > size
        rows = found[:size]
        if query.before:
            rows.reverse()
        older = cursor_of(rows[-1]) if rows and (more or query.before) else ""
        newer = cursor_of(rows[0]) if rows and cursor and (more or not query.before) else ""
        return Page(rows, older, newer)

    def _order(self, query: Query) -> Order:
        sort = query.sort or self.sort
        by = self.field(sort.lstrip("-"))
        if not by.sortable:
            raise Invalid(N_("This list cannot be sorted by “%(field)s”."), field=by.label)
        at = self.beside.id_of(by) if self.beside else None
        order = Order(by.order_by(), self.entity.id, sort.startswith("-"), valued_id=at)
        return order.reversed() if query.before else order

    def _nearest(self, actor: Actor, order: Order, query: Query) -> list[Select[Any]]:
        """branches() among the next rows only: most searches fill their page from there. The planner takes the parts
        of a question for independent, so what always comes together for rare, and would gather all of it for one page.
        """
        near, table = [], self.entity.__table__
        for each in (self._joined(every, query) for every in self.entity.branches(actor)):
            first = next(iter(order.parts(each.with_only_columns(*table.c), query.before or query.after)))
            # Inside, the name is the table; outside, it is these rows of it.
            rows = first.limit(NEAR).cte(table.name, nesting=True)
            narrowed = self._narrowed(each.add_cte(rows, nest_here=True), actor, query)
            near.append(self._found(narrowed, actor, query))
        return near

    def _parts(self, branches: Sequence[Select[Any]], order: Order, query: Query) -> list[tuple[Select[Any], ...]]:
        """Of each branch the valued rows, then of each the empty ones."""
        columns = [each.column for each in self.shown(query) if each.column is not None]
        columns = [self.entity.id, *self.always, *columns, order.column.label("_at")]
        cursor = query.before or query.after
        return list(zip(*(order.parts(each.with_only_columns(*columns), cursor) for each in branches), strict=True))

    @staticmethod
    def _fetch(parts: list[tuple[Select[Any], ...]], order: Order, wanted: int) -> list[Row[Any]]:
        found: list[Row[Any]] = []
        for part in parts:
            if missing := wanted - len(found):
                found += db.session.execute(
                    joined_up([each.limit(missing) for each in part], order).limit(missing)
                ).all()
        return found
