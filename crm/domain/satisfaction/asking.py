"""Asking: a link that is told once, or a mail to the contact. A new link ends the one before it."""

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from crm.domain.contacts.models import Contact
from crm.domain.mail.actions import Post, To, post_many
from crm.domain.mail.made import Made
from crm.domain.satisfaction.events import SurveyLinked, SurveyMailed
from crm.domain.satisfaction.models import Survey
from crm.domain.satisfaction.rules import rules
from crm.domain.tickets.actions import when_closed
from crm.domain.tickets.choices import DONE
from crm.domain.tickets.models import Ticket
from crm.domain.tickets.queries import statuses_of
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor, unscoped
from crm.kernel.contact import parse_email
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import Fact, record, record_many
from crm.kernel.permissions import Action, permission
from crm.kernel.text import N_

_MAY = permission("tickets", Action.EDIT)
_TOO_EARLY = N_("Whether they are content is asked when the %(ticket)s is solved or closed.")
_ANSWERED = N_("The %(customer)s has said already how content they are.")


@dataclass(frozen=True)
class OfSurvey(Made):
    """The mail that asks. The token is in it until it is sent; whoever reads the outbox could only answer."""

    kind = "survey"

    token: str


def survey_of(ticket: Ticket) -> Survey | None:
    """Of the closing it is in."""
    if ticket.status not in DONE:
        return None
    of = select(Survey).filter_by(ticket_id=ticket.id, solved_at=_closing(ticket))
    return db.session.scalars(of.execution_options(populate_existing=True)).first()


def _closing(ticket: Ticket) -> dt.datetime:
    """What was solved when it was written down was solved then."""
    return ticket.solved_at or ticket.opened_at


def make_link(actor: Actor, ticket: Ticket) -> str:
    """The token, told once and kept nowhere; the one before is worth nothing from now on."""
    if not actor.holds(ticket, _MAY):
        raise RuleBroken(N_("You can see “%(name)s”, but you may not do this with it."), name=ticket.name)
    if ticket.status not in DONE:
        raise RuleBroken(_TOO_EARLY)
    token = _kept(ticket, mailed=False)
    if token is None:
        raise RuleBroken(_ANSWERED)
    record(actor, ticket, SurveyLinked())
    return token


def _kept(ticket: Ticket, *, mailed: bool) -> str | None:
    """None where this closing has been answered. Of two who ask at once the database lets one come after the other."""
    token = secrets.token_urlsafe(24)
    now, said = clock.now(), rules()
    new = {"token_hash": hashed(token), "expires_at": now + dt.timedelta(days=said.days), "mailed": mailed}
    row = new | {
        "ticket_id": ticket.id,
        "solved_at": _closing(ticket),
        "made_at": now,
        "agent_id": _who_solved(ticket),
        "category": ticket.category,
        "department_id": ticket.department_id,
    }
    again = (
        insert(Survey)
        .values(row)
        .on_conflict_do_update(index_elements=["ticket_id", "solved_at"], set_=new, where=Survey.answered_at.is_(None))
    )
    kept = db.session.scalar(again.returning(Survey.id).execution_options(synchronize_session=False))
    return token if kept is not None else None


def _who_solved(ticket: Ticket) -> int | None:
    """Who owned it when it was solved; whoever got it since has not solved it."""
    owner = ticket.owner_id
    for each in reversed(statuses_of(ticket)):
        if each.status not in DONE:
            break
        owner = each.owner_id
    return owner


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def mail_contacts(actor: Actor, ids: Sequence[int]) -> None:
    """Of tickets just closed those whose contact has an address, once a closing, where administrators want it."""
    if not rules().mails:
        return
    where = Ticket.id.in_(ids), Contact.email.is_not(None), Contact.deleted_at.is_(None)
    asked = select(Ticket, Contact.email).join(Contact, Contact.id == Ticket.contact_id).where(*where)
    posts, facts = [], list[tuple[int, Fact]]()
    with unscoped("the contact is asked, whoever has closed it"):
        for ticket, email in db.session.execute(asked.order_by(Ticket.id)).all():
            sender = actor if actor.id is not None else replace(actor, id=ticket.owner_id)
            if sender.id is None or email is None or not _is_address(email) or survey_of(ticket) is not None:
                continue
            if token := _kept(ticket, mailed=True):
                key = f"survey:{ticket.id}:{_closing(ticket).timestamp()}"
                posts.append((sender, Post(To(address=email), OfSurvey(token), key)))
                facts.append((ticket.id, SurveyMailed()))
    for sender in {each.id: each for each, _ in posts}.values():
        post_many(sender, [one for who, one in posts if who.id == sender.id])
    record_many(actor, "tickets", facts)


def _is_address(email: str) -> bool:
    try:
        parse_email(email)
    except Invalid:
        return False
    return True


when_closed.append(mail_contacts)
