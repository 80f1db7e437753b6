"""What is done to an account and told by mail: to whoever it belongs to, as it may have been somebody else."""

import secrets

from sqlalchemy.exc import IntegrityError

from crm.domain.account_mail.made import OfAccount
from crm.domain.mail.actions import To, post
from crm.domain.people import actions, second_factor
from crm.domain.people.events import AddressAsked, AddressChanged, LinkAsked, LinkSent
from crm.domain.people.links import ADDRESS, INVITATION, RESET, use_link
from crm.domain.people.models import Person
from crm.domain.people.passwords import verify
from crm.domain.people.queries import by_email, by_id
from crm.domain.people.sessions import end_all
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.contact import email_key, parse_email
from crm.kernel.errors import RuleBroken
from crm.kernel.events import record
from crm.kernel.text import N_

ONE_IN = 10 * 60  # seconds in which one mail with a link is enough
_GONE = N_("This link is not good any more: it was used, it has run out, or a newer one was sent. Ask for a new one.")
_TAKEN = N_("%(email)s has an account already.")


def ask_reset(email: str) -> None:
    """A link for whoever has an account under this address; for all others nothing, and nobody is told which."""
    person = by_email(email)
    verify(None, email)  # so much work for everybody that what is done for some does not show
    if person is None or not person.active:
        return
    slot = int(clock.now().timestamp()) // ONE_IN
    if post(actions.SYSTEM, To(person.id), OfAccount(RESET, person.id), key=f"reset:{person.id}:{slot}"):
        record(actions.SYSTEM, person, LinkAsked())


def invite(actor: Actor, person: Person) -> None:
    """A link with which they choose a password themselves."""
    if not person.active:
        raise RuleBroken(N_("This account is closed already."))
    _tell(actor, person, INVITATION)
    record(actor, person, LinkSent())


def set_password(token: str, new: str) -> Person:
    """By a link, which is used up even where two use it at once. RuleBroken where it is not good."""
    link = use_link(token)
    person = by_id(link.person_id) if link and link.purpose in (RESET, INVITATION) else None
    if link is None or person is None:
        raise RuleBroken(_GONE)
    if link.address == person.email:
        person.verified_at = clock.now()
    change_password(person.actor, person, new=new)
    return person


def change_password(actor: Actor, person: Person, *, new: str) -> None:
    """Ends every session of the person, the one at hand included: whoever calls signs in again."""
    actions.change_password(actor, person, new=new)
    _tell(actor, person, "password_changed")


def switch_off(actor: Actor, person: Person) -> None:
    second_factor.switch_off(actor, person)
    _tell(actor, person, "second_factor_off" if actor.id == person.id else "second_factor_reset")


def confirm(actor: Actor, person: Person, typed: str) -> list[str]:
    codes = second_factor.confirm(actor, person, typed)
    _tell(actor, person, "second_factor_on")
    return codes


def ask_address(actor: Actor, person: Person, email: str) -> None:
    """Nothing changes until the link mailed there is used. Invalid for what is no address."""
    address = email_key(parse_email(email))
    if by_email(address):
        raise RuleBroken(_TAKEN, email=address)
    post(actor, To(address=address), OfAccount(ADDRESS, person.id, address), key=f"account:{secrets.token_hex(8)}")
    record(actor, person, AddressAsked())


def change_address(actor: Actor, person: Person, token: str) -> None:
    """By the link mailed to the new address; the old one is told. Ends every session, as a new password does."""
    link = use_link(token)
    if link is None or link.purpose != ADDRESS or link.person_id != person.id:
        raise RuleBroken(_GONE)
    wanted = link.address
    if by_email(wanted):
        raise RuleBroken(_TAKEN, email=wanted)
    before = person.email
    try:
        with db.session.begin_nested():
            person.email, person.verified_at = wanted, clock.now()
    except IntegrityError as error:  # of two who confirm one address at once the second waits, and learns it here
        raise RuleBroken(_TAKEN, email=wanted) from error
    record(actor, person, AddressChanged({"email": [before, person.email]}))
    end_all(person)
    told = OfAccount("address_changed", person.id, person.email)
    post(actor, To(address=before), told, key=f"account:{secrets.token_hex(8)}")


def _tell(actor: Actor, person: Person, what: str) -> None:
    post(actor, To(person.id), OfAccount(what, person.id), key=f"account:{secrets.token_hex(8)}")
