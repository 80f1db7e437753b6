"""From a person to the actor they are: roles put together, and the departments their reach spans."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import func, select

from crm.domain.people.models import Department, Person, PersonRole, Role
from crm.domain.people.queries import roles_of
from crm.domain.people.roles import ADMINISTRATOR, EVERYTHING, Rights, together
from crm.infra.db import db
from crm.kernel import shape
from crm.kernel.access import Actor, FieldRight, Reach
from crm.kernel.permissions import Permission
from crm.kernel.sharing import shown_types


@dataclass(frozen=True)
class Policy:
    """All roles and the department tree, as one version of the shape has them."""

    version: int
    roles: Mapping[int, Rights]
    baseline: tuple[int, ...]
    branches: Mapping[int, frozenset[int]]  # department → itself and all below


@lru_cache(2)
def policy(version: int) -> Policy:
    return _read(version)


def actor_of(person: Person) -> Actor:
    roles = select(func.coalesce(func.array_agg(PersonRole.role_id), [])).where(PersonRole.person_id == person.id)
    shown = shown_types(person.id, person.department_id)
    role_ids, version, types = db.session.execute(select(roles.scalar_subquery(), shape.version(), shown)).one()
    known = policy(version)
    rights = _together(known.version, tuple(sorted({*role_ids, *known.baseline})))
    branch = known.branches.get(person.department_id or 0, frozenset())
    return Actor(person.id, person.name, rights.reach, rights.fields, person.department_id, branch, frozenset(types))


@lru_cache(512)
def _together(version: int, role_ids: tuple[int, ...]) -> Rights:
    known = policy(version)
    return together(known.roles[each] for each in role_ids if each in known.roles)


def rights_by_role(person: Person) -> list[tuple[Role, Rights]]:
    """What each of their roles, the baseline among them, gives."""
    return [(role, rights_of(role)) for role in roles_of(person)]


def _read(version: int) -> Policy:
    roles = db.session.scalars(select(Role).where(Role.retired_at.is_(None))).all()
    paths = db.session.execute(select(Department.id, Department.path)).all()
    return Policy(
        version,
        {role.id: rights_of(role) for role in roles},
        tuple(role.id for role in roles if role.baseline),
        {id_: frozenset(other for other, below in paths if below.startswith(path)) for id_, path in paths},
    )


def rights_of(role: Role) -> Rights:
    """As stored, minus what this release no longer knows; the administrator's own always allows everything."""
    if role.key == ADMINISTRATOR:
        return Rights(EVERYTHING, {})
    known = {each.value for each in Permission}
    return Rights(
        {Permission(name): Reach[how_far] for name, how_far in role.reach.items() if name in known},
        {type_: {key: FieldRight[right] for key, right in fields.items()} for type_, fields in role.fields.items()},
    )
