"""By what a tile tells its records apart, each way with the filters by which a list finds the same ones."""

from collections.abc import Collection
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

    def filters(self, actor: Actor, field: Field, span: Span, key: Any) -> Filters | None:
        """Which records are in this group; None where no list can ask for it."""


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

    def filters(self, actor: Actor, field: Field, span: Span, key: Any) -> Filters | None:
        return days(self.field, span.part(self.unit(span), key))


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

    def filters(self, actor: Actor, field: Field, span: Span, key: Any) -> Filters | None:
        group = ("empty", "1") if key is None else self._group(actor, field, key)
        narrowed = days(self.during, span) if self.during else ()
        return (*narrowed, (self.field, *group)) if group else None

    def _group(self, actor: Actor, field: Field, key: Any) -> tuple[str, str] | None:
        """How a list asks for this value; None where it cannot."""
        raise NotImplementedError


class ByChoice(_ByValue):
    def _group(self, actor: Actor, field: Field, key: Any) -> tuple[str, str] | None:
        return ("is", key) if field.choice(key) else None


class ByTree(_ByValue):
    """By the first two signs of a code of a tree: provinces, divisions of industries."""

    def sql(self, field: Field, span: Span) -> Any:
        return func.left(field.column, 2)

    def _group(self, actor: Actor, field: Field, key: Any) -> tuple[str, str] | None:
        return ("within", key)


class ByTeam(_ByValue):
    """By a link to a department, which a list finds by a name that no other has."""

    def _group(self, actor: Actor, field: Field, key: Any) -> tuple[str, str] | None:
        assert field.source is not None
        name = field.source.labels(actor, [key]).get(key, "")
        return ("is", name) if name and field.source.resolve(actor, [name])[name] == key else None
