"""Everything that can be done to a person's account."""

import secrets
from typing import Any

from sqlalchemy import text

from crm.domain.people.accounts import open_account
from crm.domain.people.events import PasswordChanged, PreferencesChanged
from crm.domain.people.models import Department, Person
from crm.domain.people.passwords import check_password_rules, hash_password
from crm.domain.people.queries import anyone, ready_made
from crm.domain.people.sessions import end_all
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import RuleBroken
from crm.kernel.events import record
from crm.kernel.text import N_

SYSTEM = Actor(None, "system")


def create_person(
    actor: Actor, *, email: str, name: str, role: str, password: str | None = None, department: Department | None = None
) -> Person:
    """With one of the ready-made roles, by its key."""
    return open_account(
        actor, email=email, name=name, roles=[ready_made(role)], password=password, department=department
    )


def create_first_administrator(*, email: str, name: str, password: str) -> Person:
    """Only while there is nobody at all; two visitors at once cannot both succeed."""
    db.session.execute(text("LOCK TABLE people IN SHARE ROW EXCLUSIVE MODE"))
    if anyone():
        raise RuleBroken(N_("This system has an administrator already: sign in instead."))
    return create_person(SYSTEM, email=email, name=name, role="administrator", password=password)


def create_administrator(*, email: str, name: str) -> tuple[Person, str]:
    """For the command line: the password is made here, told once and kept nowhere."""
    password = secrets.token_urlsafe(12)
    return create_person(SYSTEM, email=email, name=name, role="administrator", password=password), password


def change_password(actor: Actor, person: Person, *, new: str) -> None:
    """Ends every session of the person, the one at hand included: whoever calls signs in again."""
    check_password_rules(new, email=person.email, name=person.name)
    person.password_hash = hash_password(new)
    end_all(person)
    record(actor, person, PasswordChanged())


def change_preferences(actor: Actor, person: Person, **wanted: Any) -> None:
    changes = {key: [_text(getattr(person, key)), _text(value)] for key, value in wanted.items()}
    changes = {key: pair for key, pair in changes.items() if pair[0] != pair[1]}
    for key in changes:
        setattr(person, key, wanted[key])
    if changes:
        record(actor, person, PreferencesChanged(changes=changes))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
