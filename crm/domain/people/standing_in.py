"""Who is told where somebody is away: whoever leads their department, or the one above it."""

import datetime as dt

from sqlalchemy import select

from crm.domain.people.events import DepartmentChanged, PersonAway
from crm.domain.people.models import Department, Person, PersonRole, Role
from crm.domain.people.roles import ADMINISTRATOR
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.company import company
from crm.kernel.errors import Invalid
from crm.kernel.events import record
from crm.kernel.text import N_


def be_away(actor: Actor, person: Person, until: dt.date | None) -> None:
    """Up to and with that day; None: back again."""
    if until is not None and until < company.today():
        raise Invalid(N_("This day is over: choose today or a day to come."), key="until")
    if until != person.away_until:
        before, person.away_until = person.away_until, until
        record(actor, person, PersonAway({"away_until": [str(before or ""), str(until or "")]}))


def lead(actor: Actor, department: Department, head: Person | None) -> None:
    """Whoever leads it is told in place of its people who are away, and of what is late."""
    if head is not None and not head.active:
        raise Invalid(N_("This account is closed: choose somebody else."), key="head")
    before, department.head_id = department.head_id, head.id if head else None
    if before != department.head_id:
        record(actor, department, DepartmentChanged({"head": [before, department.head_id]}))


def is_there(person: Person | None) -> bool:
    """Has an account and is not away today."""
    return person is not None and person.active and (person.away_until is None or person.away_until < company.today())


def there_for(person_id: int) -> int | None:
    """The person, or the nearest head above them who is there; nobody being there, the person all the same, unless
    their account is closed: then it is nobody."""
    person = db.session.get(Person, person_id)
    if person is None:
        return None
    return person_id if is_there(person) else head_above(person) or (person_id if person.active else None)


def head_above(person: Person) -> int | None:
    """The nearest head of their department, or of one above it, who is there and not they themselves."""
    return next(iter(heads_above(person.department_id, besides=person.id)), None)


def an_administrator() -> int | None:
    """Whom to ask where nobody else is named: whoever has been here longest and is there, else away."""
    role = select(PersonRole.person_id).join(Role, Role.id == PersonRole.role_id).where(Role.key == ADMINISTRATOR)
    known = db.session.scalars(select(Person).where(Person.id.in_(role), Person.active).order_by(Person.id)).all()
    return next((each.id for each in sorted(known, key=is_there, reverse=True)), None)


def heads_above(department_id: int | None, *, besides: int | None = None) -> list[int]:
    """Who leads a department and those it is below, the nearest first, as far as they are there."""
    department = db.session.get(Department, department_id) if department_id is not None else None
    if department is None:
        return []
    ids = [int(each) for each in department.path.strip("/").split("/")]
    rows = db.session.execute(select(Department.id, Department.head_id).where(Department.id.in_(ids))).all()
    heads: dict[int, int | None] = {row.id: row.head_id for row in rows}
    named = [head for id_ in reversed(ids) if (head := heads.get(id_)) is not None and head != besides]
    return [head for head in dict.fromkeys(named) if is_there(db.session.get(Person, head))]
