"""Who may see what: the only place that turns an actor into a WHERE clause."""

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Self

from sqlalchemy import ColumnElement, Select, Table, event, false, select, true
from sqlalchemy.orm import Mapped, Mapper, ORMExecuteState, Session
from sqlalchemy.sql import Delete, Update
from sqlalchemy.sql.selectable import FromClause

from crm.kernel.permissions import Permission


class Reach(IntEnum):
    """How far a person sees. Departments come between OWN and ALL."""

    NONE = 0
    OWN = 1
    ALL = 9


@dataclass(frozen=True)
class Actor:
    """Whoever is acting: a person, an API token, an automation rule, a job."""

    id: int | None
    name: str = ""
    permissions: frozenset[Permission] = frozenset()
    reach: Mapping[str, Reach] = field(default_factory=dict)
    department_id: int | None = None

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    def reach_of(self, table: str) -> Reach:
        return self.reach.get(table, Reach.NONE)


NOBODY = Actor(None)


class Scoped:
    """A table nobody may read except through visible_to(); deleted rows live in the recycle bin."""

    __tablename__: str
    id: Mapped[int]
    owner_id: Mapped[int | None]
    deleted_at: Mapped[dt.datetime | None]

    @classmethod
    def visible_to(cls, actor: Actor) -> "Select[Self]":
        """The records that exist for this actor, as a statement to narrow."""
        return cls._scope(actor).where(cls.deleted_at.is_(None))

    @classmethod
    def binned_for(cls, actor: Actor) -> "Select[Self]":
        """The records in the recycle bin that this actor would see if they were not there."""
        return cls._scope(actor).where(cls.deleted_at.is_not(None))

    @classmethod
    def _scope(cls, actor: Actor) -> "Select[Self]":
        statement = select(cls).execution_options(scoped=True)
        if actor.reach_of(cls.__tablename__) is Reach.ALL:
            return statement  # no predicate at all: the planner needs none
        return statement.where(cls._within_reach_of(actor))

    @classmethod
    def _within_reach_of(cls, actor: Actor) -> ColumnElement[bool]:
        match actor.reach_of(cls.__tablename__):
            case Reach.ALL:
                return true()
            case Reach.OWN:
                return cls.owner_id == actor.id
            case _:
                return false()


class UnscopedQuery(RuntimeError):
    """A statement touched a scoped table without going through visible_to()."""


@contextmanager
def unscoped(reason: str) -> Iterator[None]:
    """The one way round the guard. The reason is for the reader of the diff."""
    token = _unscoped.set(reason)
    try:
        yield
    finally:
        _unscoped.reset(token)


_unscoped: ContextVar[str | None] = ContextVar("unscoped", default=None)
_scoped_tables: dict[FromClause, type[Scoped]] = {}


@event.listens_for(Mapper, "after_mapper_constructed")
def _remember(mapper: Mapper[Any], cls: type) -> None:
    if issubclass(cls, Scoped):
        _scoped_tables[mapper.local_table] = cls


@event.listens_for(Session, "do_orm_execute")
def _refuse_unscoped(state: ORMExecuteState) -> None:
    if _unscoped.get() or state.is_relationship_load or state.is_column_load:
        return
    if offender := _first_unscoped(state.statement):
        raise UnscopedQuery(f"Start from {offender.__name__}.visible_to(actor).")


def _first_unscoped(statement: Any) -> type[Scoped] | None:
    """Walk the statement down to every table it names; each select in it answers for its own.

    By hand, because asking SQLAlchemy for a statement's FROMs compiles it: a millisecond a query.
    """
    waiting: list[tuple[Any, bool]] = [(statement, False)]
    while waiting:
        part, scoped = waiting.pop()
        if isinstance(part, Select | Update | Delete):
            scoped = bool(part.get_execution_options().get("scoped"))
        table = part if isinstance(part, Table) else getattr(part, "table", None)
        if not scoped and isinstance(table, Table) and table in _scoped_tables:
            return _scoped_tables[table]
        if not isinstance(part, Table):
            waiting += ((child, scoped) for child in part.get_children())
            waiting += ((target, scoped) for target, *_ in getattr(part, "_setup_joins", ()))
    return None
