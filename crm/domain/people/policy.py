"""From a person to the actor they are: roles put together, and the departments their reach spans."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, literal_column, or_, select

from crm.domain.people.models import Department, Person, PersonRole, Role, WebSession
from crm.domain.people.queries import roles_of
from crm.domain.people.roles import ADMINISTRATOR, EVERYTHING, Rights, limit, together
from crm.domain.people.sessions import Sitting, hashed
from crm.infra import clock
from crm.infra.db import db
from crm.kernel import shape
from crm.kernel.access import Actor, FieldRight, Reach
from crm.kernel.modules import Where, forbidden, switched_on, switches
from crm.kernel.permissions import Permission
from crm.kernel.sharing import shown_types


@dataclass(frozen=True)
class Policy:
    """All roles and the department tree, as one version of the shape has them."""

    version: int
    roles: Mapping[int, Rights]
    baseline: tuple[int, ...]
    branches: Mapping[int, frozenset[int]]  # department → itself and all below
    above: Mapping[int, frozenset[int]]  # department → itself and all it is below
    modules: Mapping[str, Where]
    proving: frozenset[int]  # the roles that need a second factor


@lru_cache(2)
def policy(version: int) -> Policy:
    return _read(version)


_LASTING = or_(PersonRole.until.is_(None), PersonRole.until > func.now())  # what was lent and has ended gives nothing
_ROLE_IDS = select(func.coalesce(func.array_agg(PersonRole.role_id), [])).where(
    PersonRole.person_id == Person.id, _LASTING
)
# Every request asks this: made once, it need not be built and taken apart for its place in the cache each time.
_ANYBODY = select(Person, _ROLE_IDS.scalar_subquery(), shape.version(), shown_types(Person.id, Person.department_id))
_WHO = _ANYBODY.where(Person.id == bindparam("person_id"))
_SIGNED_IN = (
    _ANYBODY.add_columns(WebSession.id, WebSession.seen_at)
    .join(WebSession, WebSession.person_id == Person.id)
    .where(WebSession.digest == bindparam("digest"), WebSession.expires_at > bindparam("now"), Person.active)
)


# What every page asks of its reader besides: scalar questions about `people.id`, by name; areas above put theirs here.
told_along: dict[str, str] = {}


class Known(NamedTuple):
    """`along` are the answers of `told_along`, where it was asked for reading; `owes` says that a role of theirs needs
    a second factor and they have none."""

    person: Person
    actor: Actor
    along: Mapping[str, Any] = MappingProxyType({})
    session: Sitting | None = None
    owes: bool = False


@cache
def _who_reads() -> Select[Any]:
    """The same, what is told along, and from here on the transaction is for reading only: of all that nothing costs a
    round trip of its own."""
    along: list[Any] = [literal_column(f"({asked})").label(name) for name, asked in told_along.items()]
    return _SIGNED_IN.add_columns(*along, func.set_config("transaction_read_only", "on", True))


def known(person_id: int) -> Known | None:
    """The person and who they are to the rest of the program, in one question."""
    row = db.session.execute(_WHO, {"person_id": person_id}).first()
    return Known(row[0], _actor(*row)) if row else None


def signed_in(key: str, *, reads_only: bool = False) -> Known | None:
    """Whose session this is the key of, and who they are to the rest of the program, in one question. None where it
    has ended."""
    asked = {"digest": hashed(key), "now": clock.now()}
    row = db.session.execute(_who_reads() if reads_only else _SIGNED_IN, asked).first()
    if row is None:
        return None
    along: dict[str, Any] = dict(zip(told_along, row[6:], strict=False)) if reads_only else {}
    actor = _actor(*row[:4])
    owes = not row[0].second_factor and not policy(actor.shape).proving.isdisjoint(actor.roles)
    return Known(row[0], actor, along, Sitting(row[4], row[5]), owes)


def actor_of(person: Person) -> Actor:
    db.session.flush()  # roles just given count
    return _actor(*db.session.execute(_WHO, {"person_id": person.id}).one())


def _actor(person: Person, role_ids: Sequence[int], version: int, types: Sequence[str]) -> Actor:
    now = policy(version)
    modules = modules_in(version, person.department_id)
    roles = tuple(sorted({*role_ids, *now.baseline} & now.roles.keys()))
    rights = _together(version, roles, modules)
    return Actor(
        person.id,
        person.name,
        rights.reach,
        rights.fields,
        person.department_id,
        now.branches.get(person.department_id or 0, frozenset()),
        frozenset(types),
        version,
        modules,
        frozenset(roles),
        above=now.above.get(person.department_id or 0, frozenset()),
    )


@lru_cache(512)
def _together(version: int, role_ids: tuple[int, ...], modules: frozenset[str]) -> Rights:
    """What the roles allow, minus what belongs to modules that are off."""
    now, off = policy(version), forbidden(modules)
    rights = together(now.roles[each] for each in role_ids)
    return Rights({each: how_far for each, how_far in rights.reach.items() if each not in off}, rights.fields)


@lru_cache(512)
def modules_in(version: int, department_id: int | None) -> frozenset[str]:
    """The modules that are on for whoever is in this department, or in none."""
    now = policy(version)
    return switched_on(now.modules, now.above.get(department_id or 0, frozenset()))


def limit_for(actor: Actor, allowed: Permission, key: str) -> int | None:
    """How much of what this permission allows, by a key of LIMITS; None: as much as there is."""
    now = policy(actor.shape)
    return limit((now.roles[each] for each in actor.roles if each in now.roles), allowed, key)


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
        {id_: frozenset(int(each) for each in path.split("/") if each) for id_, path in paths},
        switches(),
        frozenset(role.id for role in roles if role.second_factor),
    )


def rights_of(role: Role) -> Rights:
    """As stored, minus what this release no longer knows; the administrator's own always allows everything."""
    if role.key == ADMINISTRATOR:
        return Rights(EVERYTHING, {})
    known = {each.value for each in Permission}
    return Rights(
        {Permission(name): Reach[how_far] for name, how_far in role.reach.items() if name in known},
        {type_: {key: FieldRight[right] for key, right in fields.items()} for type_, fields in role.fields.items()},
        role.limits or {},
    )
