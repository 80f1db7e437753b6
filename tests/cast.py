"""The fixed cast of every test: who they are says what they may see."""

from dataclasses import dataclass, fields
from typing import Any

from flask.testing import FlaskClient

from crm.domain.people import structure
from crm.domain.people.actions import SYSTEM
from crm.domain.people.granting import give_roles
from crm.domain.people.models import Department, Person
from crm.domain.people.queries import ready_made
from crm.infra.db import db

PASSWORD = "correct horse battery"


@dataclass
class Cast:
    administrator: Person  # Ada sees everything
    manager: Person  # Max sees the north and what is below it: Sam's
    rep: Person  # Sam, of the north-east, sees his own
    other_rep: Person  # Mia, of another department, sees hers
    agent: Person  # Amy sees every customer and changes none
    marketer: Person  # Mark sees every customer, but not how to reach them
    auditor: Person  # Otto sees everything and changes nothing
    outsider: Person  # Olga has an account and nothing else: no customer is hers

    def __iter__(self) -> Any:
        return (getattr(self, each.name) for each in fields(self))


def make_cast() -> Cast:
    north = structure.create_department(SYSTEM, name="North")
    north_east = structure.create_department(SYSTEM, name="North-east", parent=north)
    south = structure.create_department(SYSTEM, name="South")
    cast = Cast(
        administrator=_person("ada", "Ada Admin", "administrator", None),
        manager=_person("max", "Max Manager", "sales_manager", north),
        rep=_person("sam", "Sam 王", "sales_rep", north_east),
        other_rep=_person("mia", "Mia Rep", "sales_rep", south),
        agent=_person("amy", "Amy Agent", "service_agent", None),
        marketer=_person("mark", "Mark Marketing", "marketing", None),
        auditor=_person("otto", "Otto Auditor", "auditor", None),
        outsider=_person("olga", "Olga Outsider", "sales_rep", None),
    )
    db.session.commit()
    return cast


_hash: list[str] = []


def _person(name: str, full_name: str, role: str, department: Department | None) -> Person:
    from crm.domain.people.passwords import hash_password

    if not _hash:
        _hash.append(hash_password(PASSWORD))  # argon2 is slow on purpose: once is enough
    person = Person(
        email=f"{name}@example.com",
        name=full_name,
        password_hash=_hash[0],
        department_id=department.id if department else None,
    )
    db.session.add(person)
    give_roles(SYSTEM, person, [ready_made(role)])
    return person


def sign_in(client: FlaskClient, person: Person) -> FlaskClient:
    """Put the person's session into the client, as a sign-in would."""
    with client.session_transaction() as session:
        session["_user_id"] = f"{person.id}.{person.session_stamp}"
        session["_fresh"] = True
    return client
