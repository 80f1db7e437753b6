"""People's accounts, as an administrator keeps them."""

import secrets
from collections.abc import Collection

from crm.domain.people.events import PasswordChanged, PersonChanged, PersonCreated
from crm.domain.people.granting import give_roles
from crm.domain.people.models import Department, Person, Role
from crm.domain.people.passwords import check_password_rules, hash_password
from crm.domain.people.queries import by_email
from crm.domain.people.sessions import end_all
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.contact import email_key, parse_email
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import record
from crm.kernel.text import N_, clean

LONGEST = 200


def open_account(
    actor: Actor,
    *,
    email: str,
    name: str,
    roles: Collection[Role],
    password: str | None = None,
    position: str = "",
    department: Department | None = None,
) -> Person:
    """Without a password nobody can sign in to it yet."""
    address, name = parse_email(email), _name(name)
    if password is not None:
        check_password_rules(password, email=address, name=name)
    if by_email(address):
        raise RuleBroken(N_("%(email)s has an account already."), email=address)
    person = Person(
        email=email_key(address),
        name=name,
        position=_short(position) or None,
        password_hash=hash_password(password) if password else None,
        department_id=department.id if department else None,
    )
    db.session.add(person)
    record(actor, person, PersonCreated(email=person.email, role=", ".join(role.name for role in roles)))
    give_roles(actor, person, roles)
    return person


def change_person(actor: Actor, person: Person, *, name: str, position: str) -> None:
    wanted = {"name": _name(name), "position": _short(position) or None}
    changes = {key: [getattr(person, key), value] for key, value in wanted.items() if getattr(person, key) != value}
    for key, value in wanted.items():
        setattr(person, key, value)
    if changes:
        record(actor, person, PersonChanged(changes))


def new_password(actor: Actor, person: Person) -> str:
    """Made here, told once and kept nowhere. Ends every session of the person."""
    password = secrets.token_urlsafe(12)
    person.password_hash = hash_password(password)
    end_all(person)
    record(actor, person, PasswordChanged())
    return password


def _name(name: str) -> str:
    if not (name := _short(name)):
        raise Invalid(N_("A person needs a name."))
    return name


def _short(text: str) -> str:
    text = clean(text)
    if len(text) > LONGEST:
        raise Invalid(N_("It has %(length)s characters; at most %(most)s fit."), length=len(text), most=LONGEST)
    return text
