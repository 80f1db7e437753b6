"""Which views there are for whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select

from crm.domain.people.models import Department, PersonRole, Role
from crm.domain.saved_views.models import FirstView, SavedView
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.asking import Query
from crm.kernel.listing import ListSpec


@dataclass(frozen=True)
class Known:
    """The views of one list that a person has, in the order of their tabs, and the one it begins with."""

    views: Sequence[SavedView]
    first: SavedView | None


def open_to(actor: Actor) -> Select[SavedView]:
    """One's own, and those shown to the actor."""
    return select(SavedView).where(or_(SavedView.owner_id == actor.id, shown_to(actor, SavedView)))


def shown_to(actor: Actor, kept: Any) -> ColumnElement[bool]:
    """Of what is kept by its owner: what is shown to everyone, a role one has, one's department or one above it."""
    own = select(Department.path).where(Department.id == actor.department_id).scalar_subquery()
    above = select(Department.id).where(own.startswith(Department.path))
    return or_(kept.everyone, kept.role_id.in_(_roles(actor)), kept.department_id.in_(above))


def known_to(actor: Actor, type_key: str) -> Known:
    rank = func.min(case((FirstView.person_id.is_not(None), 0), else_=1))
    whose = or_(FirstView.person_id == actor.id, FirstView.role_id.in_(_roles(actor)))
    first = select(rank).where(FirstView.view_id == SavedView.id, whose).scalar_subquery()
    statement = open_to(actor).where(SavedView.record_type == type_key).add_columns(first)
    rows = db.session.execute(statement.order_by(SavedView.position, SavedView.id)).all()
    ranked = [(rank, view) for view, rank in rows if rank is not None]
    return Known([view for view, _ in rows], min(ranked, key=lambda each: each[0])[1] if ranked else None)


def _roles(actor: Actor) -> Select[int]:
    held = select(PersonRole.role_id).where(PersonRole.person_id == actor.id)
    return select(Role.id).where(or_(Role.baseline, Role.id.in_(held)))


def answers(spec: ListSpec, query: Query) -> bool:
    """Whether this list, as somebody has it, has all the fields that a question is about."""
    asked = [spec.by_key.get(key) for key, _, _ in query.asked]
    by = spec.by_key.get(query.sort.lstrip("-")) if query.sort else None
    sorts = not query.sort or (by is not None and by.sortable)
    return sorts and all(field is not None and field.filterable for field in asked)


def first_roles(view: SavedView) -> list[int]:
    """The roles that begin with it."""
    statement = select(FirstView.role_id).where(FirstView.view_id == view.id, FirstView.role_id.is_not(None))
    return [each for each in db.session.scalars(statement) if each is not None]


def begins(actor: Actor, view: SavedView) -> bool:
    """Whether the actor has chosen to begin with it."""
    mine = select(FirstView.id).where(FirstView.view_id == view.id, FirstView.person_id == actor.id)
    return db.session.scalar(mine) is not None


def roles() -> Sequence[Role]:
    return db.session.scalars(select(Role).where(Role.retired_at.is_(None)).order_by(Role.id)).all()
