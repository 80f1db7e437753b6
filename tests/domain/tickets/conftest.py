"""A service team beside the cast, and tickets of it."""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from crm.domain.people.models import Department, Person, PersonRole, Role
from crm.domain.sla import policies
from crm.domain.tickets import actions
from crm.domain.tickets.models import Ticket, TicketTeam
from crm.domain.tickets.teams import CLAIM
from crm.infra.db import db
from crm.kernel.access import unscoped
from crm.kernel.shape import reshaped

POLICY = {
    "name": "Promised",
    "types": [],
    "priorities": [],
    "levels": [],
    "respond_minutes": 120,
    "solve_minutes": 540,
    "in_hours": True,
    "active": True,
    "steps": [],
}


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


def at(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(dt.UTC)


@pytest.fixture
def admin(cast):
    return cast.administrator.actor


@pytest.fixture
def promised(admin, service):
    """A policy alone; what is delivered is taken away."""
    for each in policies.known_policies():
        policies.retire(admin, each)

    def promise(**values):
        return policies.save(admin, None, POLICY | values)

    return promise
