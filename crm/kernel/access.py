"""Who may see what: the only place that turns an actor into a WHERE clause."""

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any, ClassVar, Self
from weakref import WeakSet

from sqlalchemy import ColumnElement, Select, Table, and_, event, false, or_, select
from sqlalchemy.orm import Mapped, Mapper, ORMExecuteState, Session
from sqlalchemy.sql import Delete, Update
from sqlalchemy.sql.selectable import FromClause

from crm.kernel.permissions import Permission
from crm.kernel.sharing import shared_ids


class Reach(IntEnum):
    """How far a permission goes, from nothing to everything; the greater contains the lesser."""

    NONE = 0
    OWN = 1
    DEPARTMENT = 2
    BRANCH = 3  # the department and those below it
    ALL = 9


class FieldRight(IntEnum):
    """What may be done with one field; the greater contains the lesser."""

    HIDDEN = 0
    MASKED = 1  # 138****5678
    READ = 2
    WRITE = 3


@dataclass(frozen=True)
class Actor:
    """Whoever is acting: a person, an API token, an automation rule, a job.

    `fields` names only what is less than WRITE, as {type: {field key: right}}.
    `branch` is the ids of the actor's department and of all below it. A record is in its owner's
    department, so whoever reaches a department reaches what is their own in it too.
    """

    id: int | None
    name: str = ""
    reach: Mapping[Permission, Reach] = field(default_factory=dict)
    fields: Mapping[str, Mapping[str, FieldRight]] = field(default_factory=dict)
    department_id: int | None = None
    branch: frozenset[int] = frozenset()
    shown: frozenset[str] = frozenset()  # the types of which single records are shared with this actor
    shape: int = 0  # the version of what administrators shape that this actor goes by; none: as delivered
    modules: frozenset[str] = frozenset()  # that are on where the actor is; see kernel/modules.py
    roles: frozenset[int] = frozenset()  # whose layouts count; what roles allow is above
    read_only: bool = False  # an administrator looking through someone else's eyes
    above: frozenset[int] = frozenset()  # the actor's department and all it is below

    @property
    def pools(self) -> frozenset[int]:
        """The departments whose pools are open to the actor: their own, what is below it and what it is below."""
        return self.branch | self.above

    def may(self, permission: Permission) -> bool:
        """Whether this kind of thing is allowed at all; which records it is allowed on is a matter of reach."""
        return self.reach_of(permission) > Reach.NONE

    def reach_of(self, permission: Permission) -> Reach:
        return self.reach.get(permission, Reach.NONE)

    def departments(self, permission: Permission) -> frozenset[int]:
        """The departments whose records the permission reaches; none when it ends at one's own or has no end."""
        match self.reach_of(permission):
            case Reach.DEPARTMENT if self.department_id is not None:
                return frozenset({self.department_id})
            case Reach.BRANCH:
                return self.branch
            case _:
                return frozenset()

    def right_to(self, type_: str, key: str) -> FieldRight:
        return self.fields.get(type_, {}).get(key, FieldRight.WRITE)

    def holds(self, record: "Scoped", permission: Permission) -> bool:
        """Whether this record, which the actor can see, is within the reach of the permission."""
        reach = self.reach_of(permission)
        if reach in (Reach.NONE, Reach.ALL):
            return reach is Reach.ALL
        own = self.id is not None and record.owner_id == self.id
        return own or record.department_id in self.departments(permission)


NOBODY = Actor(None)
_MOST_POOLS = 8  # departments whose pools are asked for one by one, each in the order of the index


class Scoped:
    """A table nobody may read except through visible_to(); deleted rows live in the recycle bin.

    Of a `pooled` type, what nobody owns lies in a pool: of its department, or of everybody where it has none. Whoever
    may read any of the type sees the pools that are open to them (`Actor.pools`), to take from. Each branch of a list
    is one range of an index that `tables.pooled` in crm/domain/records/ makes.
    """

    __tablename__: str
    read_permission: ClassVar[Permission]
    pooled: ClassVar[bool] = False
    mergeable: ClassVar[bool] = False
    id: Mapped[int]
    owner_id: Mapped[int | None]
    department_id: Mapped[int | None]  # its owner's
    deleted_at: Mapped[dt.datetime | None]
    if TYPE_CHECKING:  # a column of mergeable types alone: such a row is deleted, in no bin, and goes on as another one
        merged_into_id: Mapped[int | None]

    @classmethod
    def visible_to(cls, actor: Actor) -> "Select[Self]":
        """The records that exist for this actor, as a statement to narrow."""
        return cls._scope(actor).where(cls.deleted_at.is_(None))

    @classmethod
    def binned_for(cls, actor: Actor) -> "Select[Self]":
        """The records in the recycle bin that this actor would see if they were not there."""
        binned = cls._scope(actor).where(cls.deleted_at.is_not(None))
        return binned.where(cls.merged_into_id.is_(None)) if cls.mergeable else binned

    @classmethod
    def merged_for(cls, actor: Actor) -> "Select[Self]":
        """The records that go on as another one and that this actor would see if they did not."""
        return cls._scope(actor).where(cls.merged_into_id.is_not(None) if cls.mergeable else false())

    @classmethod
    def branches(cls, actor: Actor) -> "list[Select[Self]]":
        """visible_to() as statements of which no two have a record in common.

        A list limits each and joins them: with an OR between what is in reach and what is shared the
        planner can use the index of neither (measured in STACK.md: 3–7 ms against 26–99).
        """
        if actor.reach_of(cls.read_permission) is Reach.ALL:
            return [cls.visible_to(actor)]
        parts = [cls._within_reach_of(actor), *cls._pools_for(actor)]
        shared = cls._shared_with(actor)
        if shared is not None:
            parts.append(and_(shared, *(part.is_not(True) for part in parts)))
        return [select(cls).execution_options(scoped=True).where(part, cls.deleted_at.is_(None)) for part in parts]

    @classmethod
    def _scope(cls, actor: Actor) -> "Select[Self]":
        statement = select(cls).execution_options(scoped=True)
        if actor.reach_of(cls.read_permission) is Reach.ALL:
            return statement  # no predicate at all: the planner needs none
        parts = [cls._within_reach_of(actor), *cls._pools_for(actor)]
        also = cls._shared_with(actor)
        return statement.where(or_(*parts) if also is None else or_(*parts, also))

    @classmethod
    def _pools_for(cls, actor: Actor) -> list[ColumnElement[bool]]:
        """What lies in the pools open to the actor and is not in reach anyway, a range of one index each."""
        if not cls.pooled or not actor.may(cls.read_permission) or actor.id is None:
            return []
        nobodys = cls.owner_id.is_(None)
        departments = sorted(actor.pools - actor.departments(cls.read_permission))
        places = [cls.department_id == each for each in departments]
        if len(places) > _MOST_POOLS:  # of so many the newest first is a sort, whatever the index
            places = [cls.department_id.in_(departments)]
        return [and_(nobodys, place) for place in (cls.department_id.is_(None), *places)]

    @classmethod
    def _within_reach_of(cls, actor: Actor) -> ColumnElement[bool]:
        if not actor.may(cls.read_permission):
            return false()
        if departments := actor.departments(cls.read_permission):
            return cls.department_id.in_(sorted(departments))
        return cls.owner_id == (actor.id or 0)  # a rule of automation owns nothing

    @classmethod
    def held_by(cls, actor: Actor, permission: Permission) -> ColumnElement[bool] | None:
        """Which of the visible records are within the reach of another permission, as `Actor.holds` says of one; None
        for all of them."""
        if actor.reach_of(permission) is Reach.ALL:
            return None
        if not actor.may(permission):
            return false()
        own, departments = cls.owner_id == (actor.id or 0), sorted(actor.departments(permission))
        return or_(own, cls.department_id.in_(departments)) if departments else own

    @classmethod
    def _shared_with(cls, actor: Actor) -> ColumnElement[bool] | None:
        """What is shown to the actor beyond their reach; None where there can be nothing."""
        if cls.__tablename__ not in actor.shown or actor.id is None or not actor.may(cls.read_permission):
            return None
        if actor.reach_of(cls.read_permission) is Reach.ALL:
            return None
        return cls.id.in_(shared_ids(cls.__tablename__, actor.id, actor.department_id))


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
_passed: WeakSet[Any] = WeakSet()  # statements never change, and those made once are asked again and again


@event.listens_for(Mapper, "after_mapper_constructed")
def _remember(mapper: Mapper[Any], cls: type) -> None:
    if issubclass(cls, Scoped):
        _scoped_tables[mapper.local_table] = cls


@event.listens_for(Session, "do_orm_execute")
def _refuse_unscoped(state: ORMExecuteState) -> None:
    if state.statement in _passed or _unscoped.get() or state.is_relationship_load or state.is_column_load:
        return
    if offender := _first_unscoped(state.statement):
        raise UnscopedQuery(f"Start from {offender.__name__}.visible_to(actor).")
    _passed.add(state.statement)


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
