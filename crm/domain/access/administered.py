"""Asking whoever administers: for a list, or, as somebody without an account, for one; and what is decided."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from crm.domain.access.events import AccessDecided, AccessWanted, DoorSet
from crm.domain.access.made import OfRefusal
from crm.domain.access.models import SYSTEM, AccessRequest, Door
from crm.domain.access.words import line_of, reason_of
from crm.domain.account_mail.actions import invite
from crm.domain.mail.actions import To, post
from crm.domain.notifications.actions import Kind, News, notify
from crm.domain.people import actions as people
from crm.domain.people.accounts import open_account
from crm.domain.people.lending import lend_role
from crm.domain.people.models import Department, Person, Role
from crm.domain.people.queries import administrators, by_email
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.contact import email_key, parse_email
from crm.kernel.errors import Conflict, Invalid, RuleBroken
from crm.kernel.events import record
from crm.kernel.records import RecordType
from crm.kernel.text import N_

MOST_WAITING = 500  # of people without an account: a flood is not kept
_DECIDED = N_("Somebody else has decided about it already.")
_FULL = N_("So many requests wait that no more is taken. Please ask somebody you know here.")


@dataclass(frozen=True)
class Stranger:
    """As typed by somebody without an account."""

    name: str
    email: str
    organisation: str
    reason: str
    language: str


def ask_list(actor: Actor, type_: RecordType, reason: str) -> None:
    """Twice is once."""
    why = reason_of(reason, needed=True)
    row = {"subject_type": type_.key, "person_id": actor.id, "reason": why, "asked_at": clock.now()}
    _add(actor, row, type_.key)


def ask_account(typed: Stranger) -> None:
    """Nobody learns here who has an account or has asked already: of those nothing is kept. Invalid, for a control, for
    what does not do."""
    if not door_is_open():
        raise RuleBroken(N_("Accounts cannot be asked for here."))
    if not (name := line_of(typed.name, "name")):
        raise Invalid(N_("A person needs a name."), key="name")
    try:
        email = email_key(parse_email(typed.email))
    except Invalid as error:
        raise Invalid(error.message, **{**error.params, "key": "email"}) from error
    row = {
        "subject_type": SYSTEM,
        "name": name,
        "email": email,
        "organisation": line_of(typed.organisation, "organisation"),
        "reason": reason_of(typed.reason, needed=True),
        "language": typed.language,
        "asked_at": clock.now(),
    }
    waiting = select(func.count()).where(AccessRequest.answered_at.is_(None), AccessRequest.email > "")
    if (db.session.scalar(waiting) or 0) >= MOST_WAITING:
        raise RuleBroken(_FULL)
    if by_email(email) is None:
        _add(people.SYSTEM, row, SYSTEM)


def _add(actor: Actor, row: Mapping[str, Any], what: str) -> None:
    made = insert(AccessRequest).values(row).on_conflict_do_nothing().returning(AccessRequest.id)
    if (id_ := db.session.scalar(made)) is None:
        return
    record(actor, db.session.get_one(AccessRequest, id_), AccessWanted(what))
    news = [News(each, AccessRequest.__tablename__, id_) for each in administrators() if each != actor.id]
    notify(Kind.ACCESS_WANTED, news, by=actor)


def give_list(actor: Actor, request: AccessRequest, role: Role, until: dt.datetime | None) -> None:
    """`request` is locked, here and below."""
    _check(request)
    person = db.session.get_one(Person, request.person_id)
    lend_role(actor, person, role, until)
    _decide(actor, request, granted=True, until=until)
    notify(Kind.ACCESS_DECIDED, [News(person.id, AccessRequest.__tablename__, request.id)], by=actor)


def give_account(
    actor: Actor, request: AccessRequest, name: str, roles: Collection[Role], department: Department | None
) -> Person:
    """They get a mail with a link to choose a password."""
    _check(request)
    person = open_account(actor, email=request.email, name=name, roles=roles, department=department)
    request.person_id = person.id
    invite(actor, person)
    _decide(actor, request, granted=True)
    return person


def refuse(actor: Actor, request: AccessRequest, words: str) -> None:
    """`words` are read by whoever asked: in the program, or in a mail."""
    _check(request)
    request.answer = reason_of(words)
    _decide(actor, request, granted=False)
    if request.person_id is not None:
        notify(Kind.ACCESS_DECIDED, [News(request.person_id, AccessRequest.__tablename__, request.id)], by=actor)
    else:
        post(actor, To(address=request.email), OfRefusal(request.id), key=f"access:{request.id}")


def _check(request: AccessRequest) -> None:
    if request.answered_at is not None:
        raise Conflict(_DECIDED)


def _decide(actor: Actor, request: AccessRequest, *, granted: bool, until: dt.datetime | None = None) -> None:
    request.answered_at, request.answered_by_id = clock.now(), actor.id
    request.granted, request.until = granted, until
    record(actor, request, AccessDecided(granted))


def door_is_open() -> bool:
    kept = db.session.get(Door, 1)
    return kept is not None and kept.open


def set_door(actor: Actor, open_: bool) -> None:
    kept = db.session.get(Door, 1, with_for_update=True)
    if kept is None:
        kept = Door(id=1, open=False)
        db.session.add(kept)
    if kept.open != open_:
        kept.open = open_
        record(actor, kept, DoorSet({"open": [not open_, open_]}))
