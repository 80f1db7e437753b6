"""The fixed cast of every test: who they are says what they may see."""

from dataclasses import dataclass, fields
from typing import Any

from flask.testing import FlaskClient

from crm.domain.people.models import Department, Person
from crm.infra.db import db

PASSWORD = "correct horse battery"


@dataclass
class Cast:
    administrator: Person  # Ada sees everything
    rep: Person  # Sam sees his own
    other_rep: Person  # Mia, of another department, sees hers
    outsider: Person  # Olga has an account and nothing else: no customer is hers

    def __iter__(self) -> Any:
        return (getattr(self, each.name) for each in fields(self))


def make_cast() -> Cast:
    north, south = Department(name="North"), Department(name="South")
    db.session.add_all([north, south])
    db.session.flush()
    for department in (north, south):
        department.path = f"/{department.id}/"
    cast = Cast(
        _person("ada", "Ada Admin", "administrator", None),
        _person("sam", "Sam 王", "sales_rep", north),
        _person("mia", "Mia Rep", "sales_rep", south),
        _person("olga", "Olga Outsider", "sales_rep", None),
    )
    db.session.add_all(cast)
    db.session.commit()
    return cast


_hash: list[str] = []


def _person(name: str, full_name: str, role: str, department: Department | None) -> Person:
    from crm.domain.people.passwords import hash_password

    if not _hash:
        _hash.append(hash_password(PASSWORD))  # argon2 is slow on purpose: once is enough
    department_id = department.id if department else None
    return Person(
        email=f"{name}@example.com", name=full_name, role=role, password_hash=_hash[0], department_id=department_id
    )


def sign_in(client: FlaskClient, person: Person) -> FlaskClient:
    """Put the person's session into the client, as a sign-in would."""
    with client.session_transaction() as session:
        session["_user_id"] = f"{person.id}.{person.session_stamp}"
        session["_fresh"] = True
    return client
