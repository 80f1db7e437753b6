"""A service team beside the cast, and tickets of it."""

from dataclasses import dataclass

import pytest
from sqlalchemy import select

from crm.domain.people.models import Department, Person, PersonRole, Role
from crm.domain.tickets import actions
from crm.domain.tickets.models import Ticket, TicketTeam
from crm.domain.tickets.teams import CLAIM
from crm.infra.db import db
from crm.kernel.access import unscoped
from crm.kernel.shape import reshaped


@dataclass
class Service:
    department: Department
    ann: Person
    bob: Person


@pytest.fixture
def service(cast) -> Service:
    """Ann and Bob work there; the team's queue gets what no topic sends elsewhere."""
    department = Department(name="Service", path="/")
    db.session.add(department)
    db.session.flush()
    department.path = f"/{department.id}/"
    people = [
        Person(email=f"{name}@example.com", name=f"{name.title()} Service", department_id=department.id)
        for name in ("ann", "bob")
    ]
    db.session.add_all(people)
    db.session.flush()
    role = db.session.scalars(select(Role).where(Role.key == "service_agent")).one()
    db.session.add_all(PersonRole(person_id=each.id, role_id=role.id) for each in people)
    db.session.add(TicketTeam(department_id=department.id, way=CLAIM, people=[], position=1))
    reshaped()
    db.session.flush()
    return Service(department, *people)


def made(person, **values) -> Ticket:
    id_ = actions.create(person.actor, {"name": "The printer smokes"} | values)
    return again(id_)


def again(id_: int) -> Ticket:
    db.session.flush()
    db.session.expire_all()
    with unscoped("a test looks at everything"):
        return db.session.get_one(Ticket, id_)


def seen(person, id_: int) -> bool:
    return db.session.scalar(Ticket.visible_to(person.actor).where(Ticket.id == id_)) is not None
