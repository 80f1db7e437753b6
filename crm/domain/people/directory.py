"""The list of people, for whoever keeps their accounts."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, or_, select

from crm.domain.people.models import Department, Person, PersonRole, Role
from crm.infra.db import db
from crm.kernel.text import fold

PAGE = 50


@dataclass(frozen=True)
class Wanted:
    search: str = ""  # part of a name, or how an address begins
    department: str = ""  # its id: those in it and below it
    state: str = "open"  # of the account: open, closed, all
    page: int = 1


@dataclass(frozen=True)
class Listed:
    person: Person
    department: str
    roles: Sequence[Role]


def people_found(wanted: Wanted) -> tuple[list[Listed], bool]:
    """One page by name, and whether there are more."""
    statement = _narrowed(
        select(Person, Department.name).outerjoin(Department, Department.id == Person.department_id), wanted
    )
    statement = statement.order_by(Person.name, Person.id).offset((wanted.page - 1) * PAGE).limit(PAGE + 1)
    rows = db.session.execute(statement).all()
    roles = _roles_of([person.id for person, _ in rows[:PAGE]])
    return [Listed(person, name or "", roles.get(person.id, [])) for person, name in rows[:PAGE]], len(rows) > PAGE


def _narrowed(statement: Select[Person, str], wanted: Wanted) -> Select[Person, str]:
    if words := fold(wanted.search):
        named = func.strpos(func.lower(Person.name), words) > 0
        statement = statement.where(or_(named, Person.email.startswith(words, autoescape=True)))
    if wanted.department.isdecimal():
        statement = statement.where(func.strpos(Department.path, f"/{wanted.department}/") > 0)
    if wanted.state != "all":
        statement = statement.where(Person.active if wanted.state == "open" else ~Person.active)
    return statement


def _roles_of(people: Sequence[int]) -> dict[int, list[Role]]:
    wanted = select(PersonRole.person_id, Role).join(Role, Role.id == PersonRole.role_id)
    wanted = wanted.where(PersonRole.person_id.in_(people), Role.retired_at.is_(None)).order_by(Role.id)
    found: dict[int, list[Role]] = {}
    for person_id, role in db.session.execute(wanted):
        found.setdefault(person_id, []).append(role)
    return found
