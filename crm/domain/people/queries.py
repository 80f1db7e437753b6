"""Finding people: the person behind a session, an address, a name someone typed."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm.attributes import instance_state
from sqlalchemy.orm.util import identity_key

from crm.domain.people.models import Department, Person, PersonRole, Role
from crm.domain.people.roles import ADMINISTRATOR
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.contact import email_key
from crm.kernel.errors import Invalid
from crm.kernel.operators import department_in
from crm.kernel.permissions import Permission
from crm.kernel.text import N_, fold


def anyone() -> bool:
    return db.session.scalar(select(Person.id).limit(1)) is not None


def by_email(email: str) -> Person | None:
    return db.session.scalars(select(Person).where(Person.email == email_key(email))).first()


def by_id(person_id: int) -> Person | None:
    return db.session.get(Person, person_id)


# Nearly every page asks this: made once, it need not be built each time.
_PEOPLE = select(Person.id, Person.name, Person.email).where(Person.id.in_(bindparam("ids", expanding=True)))


def _people(ids: Collection[int]) -> list[Any]:
    """Each with id, name and address. Whom the session has read already, such as whoever asks, it is not asked for."""
    read = (db.session.identity_map.get(identity_key(Person, each)) for each in ids)
    here = {each.id: each for each in read if each is not None and not instance_state(each).expired}
    missing = [each for each in ids if each not in here]
    return [*here.values(), *(db.session.execute(_PEOPLE, {"ids": missing}) if missing else ())]


def names(ids: Collection[int | None]) -> dict[int, str]:
    wanted = {each for each in ids if each is not None}
    if not wanted:
        return {}
    return {row.id: row.name for row in _people(wanted)}


def people(ids: Collection[int]) -> dict[int, Person]:
    return {each.id: each for each in db.session.scalars(select(Person).where(Person.id.in_(set(ids))))} if ids else {}


def administrators() -> list[int]:
    """Whoever administers the system and is here, by id."""
    administers = or_(Role.key == ADMINISTRATOR, Role.reach.has_key(Permission.SYSTEM_ADMINISTER.value))
    theirs = select(PersonRole.person_id).join(Role, Role.id == PersonRole.role_id).where(administers)
    return list(db.session.scalars(select(Person.id).where(Person.active, Person.id.in_(theirs)).order_by(Person.id)))


def ready_made(key: str) -> Role:
    return db.session.scalars(select(Role).where(Role.key == key)).one()


class PeopleSource:
    """People as values of a field: written as “Name (address)”, read as that, the address or an unmistakable name.

    With `former` those who have left are people too, where nobody who is here is called so.
    """

    def __init__(self, *, former: bool = False) -> None:
        self.former = former

    def resolve(self, actor: Actor, texts: Collection[str]) -> Mapping[str, Any]:
        keys = {text: fold(text.rpartition("(")[2].rstrip(")") if text.endswith(")") else text) for text in texts}
        called = or_(Person.email.in_(keys.values()), func.lower(Person.name).in_(map(fold, texts)))
        statement = select(Person.id, Person.email, Person.name, Person.active).where(called)
        found = db.session.execute(statement if self.former else statement.where(Person.active)).all()
        return {
            text: _one([row for row in found if row.email == key or fold(row.name) == fold(text)], text)
            for text, key in keys.items()
        }

    def labels(self, actor: Actor, values: Collection[Any]) -> Mapping[Any, str]:
        return {row.id: f"{row.name} ({row.email})" for row in _people(set(values))}

    def group(self, actor: Actor, key: str) -> Collection[int]:
        """People by what they are to the actor: a key of operators.GROUPS, or of a department and those below it."""
        if key == "me":
            return [] if actor.id is None else [actor.id]
        if (department := department_in(key)) is not None:
            above = select(Department.path).where(Department.id == department).scalar_subquery()
            below = select(Department.id).where(Department.path.startswith(above))
            return db.session.scalars(select(Person.id).where(Person.department_id.in_(below))).all()
        departments = actor.branch if key == "my_branch" else {actor.department_id} - {None}
        return db.session.scalars(select(Person.id).where(Person.department_id.in_(departments))).all()

    def search(self, actor: Actor, text: str, limit: int) -> Sequence[str]:
        wanted = fold(text)
        statement = select(Person.name, Person.email).where(
            Person.active, or_(func.strpos(func.lower(Person.name), wanted) > 0, Person.email.startswith(wanted))
        )
        rows = db.session.execute(statement.order_by(Person.name).limit(limit))
        return [f"{row.name} ({row.email})" for row in rows]


def _one(rows: list[Any], text: str) -> int | Invalid:
    rows = [each for each in rows if each.active] or rows
    if len(rows) == 1:
        return int(rows[0].id)
    if rows:
        return Invalid(N_("Several people are called “%(name)s”: use the e-mail address."), name=text)
    return Invalid(N_("Nobody here is called “%(name)s”."), name=text)


PEOPLE = PeopleSource()
EVER = PeopleSource(former=True)  # of what was long ago


def departments() -> list[Department]:
    return list(db.session.scalars(select(Department).order_by(Department.path)))


def headcounts() -> dict[int | None, int]:
    """Department → how many open accounts."""
    counted = select(Person.department_id, func.count()).where(Person.active).group_by(Person.department_id)
    return dict(db.session.execute(counted).all())


def all_roles(*, retired: bool = False) -> list[Role]:
    """Those that count, or those that did."""
    wanted = Role.retired_at.is_not(None) if retired else Role.retired_at.is_(None)
    return list(db.session.scalars(select(Role).where(wanted).order_by(Role.id)))


def holders() -> dict[int, int]:
    """Role → how many open accounts have it."""
    counted = select(PersonRole.role_id, func.count()).join(Person, Person.id == PersonRole.person_id)
    return dict(db.session.execute(counted.where(Person.active).group_by(PersonRole.role_id)).all())


def roles_of(person: Person) -> list[Role]:
    """Theirs and the baseline."""
    own = select(PersonRole.role_id).where(PersonRole.person_id == person.id)
    wanted = select(Role).where(Role.retired_at.is_(None), or_(Role.id.in_(own), Role.baseline))
    return list(db.session.scalars(wanted.order_by(Role.id)))


class DepartmentSource:
    """Departments as values of a field: by name."""

    def resolve(self, actor: Actor, texts: Collection[str]) -> Mapping[str, Any]:
        known: dict[str, list[int]] = {}
        for each in departments():
            if each.closed_at is None:
                known.setdefault(fold(each.name), []).append(each.id)
        found = {text: known.get(fold(text), []) for text in texts}
        return {text: ids[0] if len(ids) == 1 else Invalid(_NO_DEPARTMENT, name=text) for text, ids in found.items()}

    def labels(self, actor: Actor, values: Collection[Any]) -> Mapping[Any, str]:
        rows = db.session.execute(select(Department.id, Department.name).where(Department.id.in_(set(values))))
        return {row.id: row.name for row in rows}

    def search(self, actor: Actor, text: str, limit: int) -> Sequence[str]:
        wanted = fold(text)
        return [each.name for each in departments() if each.closed_at is None and wanted in fold(each.name)][:limit]


_NO_DEPARTMENT = N_("No department, or more than one, is called “%(name)s”.")
DEPARTMENTS = DepartmentSource()
