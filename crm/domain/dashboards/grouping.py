"""By what a tile tells its records apart, each way with the filters by which a list finds the same ones."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Date, cast, func

from crm.domain.dashboards.asking import MONTH, WEEK, Span
from crm.kernel.access import Actor
from crm.kernel.arguments import Filters
from crm.kernel.company import company
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind


class By(Protocol):
    """`field` is what is grouped by, `during` the date that the period narrows, where it does."""

    @property
    def field(self) -> str: ...
    @property
    def during(self) -> str: ...
    def sql(self, field: Field, span: Span) -> Any: ...
    def keys(self, field: Field, span: Span, found: Collection[Any]) -> list[Any] | None:
        """In which order; None: the most first."""

    def filters(self, actor: Actor, field: Field, span: Span, keys: Sequence[Any]) -> Mapping[Any, Filters | None]:
        """Which records are in each of these groups; None where no list can ask for it."""


def days(field: str, span: Span) -> Filters:
    return ((field, "gte", span.first.isoformat()), (field, "lte", span.last.isoformat()))


@dataclass(frozen=True)
class ByTime:
    """Months or weeks by the clock on the company's wall; those without anything are there, and empty."""

    field: str
    weekly: bool = False

    @property
    def during(self) -> str:
        return self.field

    def unit(self, span: Span) -> str:
        return span.weekly if self.weekly else MONTH

    def sql(self, field: Field, span: Span) -> Any:
        return start_of(self.unit(span), field)

    def keys(self, field: Field, span: Span, found: Collection[Any]) -> list[Any] | None:
        return list(span.starts(self.unit(span)))

    def filters(self, actor: Actor, field: Field, span: Span, keys: Sequence[Any]) -> Mapping[Any, Filters | None]:
        return {each: days(self.field, span.part(self.unit(span), each)) for each in keys}


def start_of(unit: str, field: Field) -> Any:
    """SQL: the first day of the month or week that a value lies in."""
    assert unit in (MONTH, WEEK)
    return cast(func.date_trunc(unit, on_the_wall(field)), Date)


def on_the_wall(field: Field) -> Any:
    return func.timezone(company.timezone, field.column) if field.kind is FieldKind.DATETIME else field.column


@dataclass(frozen=True)
class _ByValue:
    """The most first. `during`: only what lies in the period by this field; nothing: all there is."""

    field: str
    during: str = ""

    def sql(self, field: Field, span: Span) -> Any:
        return field.column

    def keys(self, field: Field, span: Span, found: Collection[Any]) -> list[Any] | None:
        return None

    def filters(self, actor: Actor, field: Field, span: Span, keys: Sequence[Any]) -> Mapping[Any, Filters | None]:
        narrowed = days(self.during, span) if self.during else ()
        groups: dict[Any, tuple[str, str] | None] = dict(
            self._groups(actor, field, [each for each in keys if each is not None])
        )
        groups[None] = ("empty", "1")
        return {each: (*narrowed, (self.field, *group)) if (group := groups[each]) else None for each in keys}

    def _groups(self, actor: Actor, field: Field, keys: Sequence[Any]) -> Mapping[Any, tuple[str, str] | None]:
        """How a list asks for these values; None where it cannot."""
        raise NotImplementedError


class ByChoice(_ByValue):
    def _groups(self, actor: Actor, field: Field, keys: Sequence[Any]) -> Mapping[Any, tuple[str, str] | None]:
        return {each: ("is", each) if field.choice(each) else None for each in keys}


class ByTree(_ByValue):
    """By the first two signs of a code of a tree: provinces, divisions of industries."""

    def sql(self, field: Field, span: Span) -> Any:
        return func.left(field.column, 2)

    def _groups(self, actor: Actor, field: Field, keys: Sequence[Any]) -> Mapping[Any, tuple[str, str] | None]:
        return {each: ("within", each) for each in keys}


class ByTeam(_ByValue):
    """By a link to a department, which a list finds by a name that no other has."""

    def _groups(self, actor: Actor, field: Field, keys: Sequence[Any]) -> Mapping[Any, tuple[str, str] | None]:
        assert field.source is not None
        named = field.source.labels(actor, keys)
        found = field.source.resolve(actor, set(named.values()))
        return {each: ("is", named[each]) if each in named and found[named[each]] == each else None for each in keys}
