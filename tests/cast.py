"""The fixed cast of every test: who they are says what they may see."""

import datetime as dt
import secrets
from dataclasses import dataclass, fields
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import insert, select

from crm.domain.people.models import Department, Person, PersonRole, Role, WebSession
from crm.domain.people.passwords import hash_password
from crm.domain.people.sessions import hashed
from crm.infra.db import db
from crm.kernel.shape import reshaped

PASSWORD = "correct horse battery"
ROLES = {
    "administrator": "administrator",
    "manager": "sales_manager",
    "rep": "sales_rep",
    "other_rep": "sales_rep",
    "agent": "service_agent",
    "marketer": "marketing",
    "auditor": "auditor",
    "outsider": "sales_rep",
}


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
    """Written down without the verbs: every test begins with it."""
    north = _department("North")
    north_east = _department("North-east", north)
    south = _department("South")
    cast = Cast(
        administrator=_person("ada", "Ada Admin", None),
        manager=_person("max", "Max Manager", north),
        rep=_person("sam", "Sam 王", north_east),
        other_rep=_person("mia", "Mia Rep", south),
        agent=_person("amy", "Amy Agent", None),
        marketer=_person("mark", "Mark Marketing", None),
        auditor=_person("otto", "Otto Auditor", None),
        outsider=_person("olga", "Olga Outsider", None),
    )
    db.session.add_all(cast)
    db.session.flush()
    roles = dict(db.session.execute(select(Role.key, Role.id)).all())
    db.session.add_all(PersonRole(person_id=getattr(cast, who).id, role_id=roles[role]) for who, role in ROLES.items())
    reshaped()
    db.session.commit()
    return cast


_hash: list[str] = []


def _department(name: str, parent: Department | None = None) -> Department:
    department = Department(name=name, parent_id=parent.id if parent else None)
    db.session.add(department)
    db.session.flush()
    department.path = f"{parent.path if parent else '/'}{department.id}/"
    return department


def _person(name: str, full_name: str, department: Department | None) -> Person:
    if not _hash:
        _hash.append(hash_password(PASSWORD))  # argon2 is slow on purpose: once is enough
    return Person(
        email=f"{name}@example.com",
        name=full_name,
        password_hash=_hash[0],
        department_id=department.id if department else None,
    )


_EVER = dt.datetime(2200, 1, 1, tzinfo=dt.UTC)  # wherever a test holds the clock


def sit(person: Person) -> str:
    """The key of a session that does not run out by itself, and is never noted to be in use."""
    db.session.commit()  # a stream that was read here has left a transaction for reading only
    key = secrets.token_urlsafe(8)
    when = dict.fromkeys(("begun_at", "seen_at", "expires_at"), _EVER)
    row = {"digest": hashed(key), "person_id": person.id, "device": "Test", "address": "127.0.0.1"}
    db.session.execute(insert(WebSession).values(row | when))
    return key


def sign_in(client: FlaskClient, person: Person) -> FlaskClient:
    """Put the person's session into the client, as a sign-in would."""
    with client.session_transaction() as session:
        session["_user_id"] = sit(person)
        session["_fresh"] = True
    return client
