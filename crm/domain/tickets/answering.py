"""What is said on a ticket: an answer that the customer has, or a note that stays in the house."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from crm.domain.attachments.actions import Checked
from crm.domain.contacts.models import Contact
from crm.domain.mail.actions import To, post
from crm.domain.mail.made import Ready
from crm.domain.tasks.following import Outcome, write
from crm.domain.tickets import actions
from crm.domain.tickets.choices import NEW, OPEN
from crm.domain.tickets.deadlines import reckon
from crm.domain.tickets.events import TicketAnswered
from crm.domain.tickets.models import Ticket
from crm.domain.tickets.queue import NEWS, claim
from crm.domain.tickets.watching import tell_watchers
from crm.infra import clock
from crm.infra.db import db
from crm.infra.news import announce
from crm.infra.storage import Storage
from crm.kernel.access import Actor
from crm.kernel.events import plain, record
from crm.kernel.permissions import Action, permission

_MAY_EDIT = permission("tickets", Action.EDIT)
# How the customer is reached → as what kind of dealing an answer is kept.
KIND_OF = {"phone": "call", "email": "email", "wecom": "chat", "social": "chat", "visit": "visit", "web": "email"}


@dataclass(frozen=True)
class Said:
    """`values` by the keys of COMPOSED; `status` is what the ticket becomes, where that was chosen too."""

    values: Mapping[str, Any]
    public: bool = False
    status: str = ""
    tell: Sequence[int] = ()
    files: Sequence[Checked] = ()


def say(actor: Actor, ticket: Ticket, said: Said, storage: Storage | None = None) -> Outcome:
    """Whoever answers what is nobody's takes it. `ticket` is locked, so of two first answers one is the first."""
    works = actor.holds(ticket, _MAY_EDIT)
    public = said.public and works  # whoever does not work on it tells the customer nothing in its name
    values = dict(said.values) | {"public": public}
    outcome = write(actor, ticket, values, tell=said.tell, files=said.files, storage=storage)
    if public:
        if ticket.owner_id is None:
            claim(actor, ticket)
        _note_first(actor, ticket)
    if works and said.status and said.status != ticket.status:
        actions.change(actor, ticket, {"status": said.status})
    elif public and ticket.status == NEW:
        opens = replace(actor, fields={**actor.fields, "tickets": {}})  # it follows, whoever may set it
        actions.change(opens, ticket, {"status": OPEN})
    else:
        tell_watchers(actor, [ticket.id], f"said:{outcome.follow_up.id}")
    announce(NEWS)
    return outcome


def mail_out(actor: Actor, ticket: Ticket, outcome: Outcome) -> bool | None:
    """A public answer by mail, to the contact; once, however often it is asked for. None: it is not one that is mailed;
    False: nobody has told us the contact's address. Whoever answers need not be allowed to read it."""
    said = outcome.follow_up
    if not said.public or said.kind != "email" or not actor.holds(ticket, _MAY_EDIT):
        return None
    there = select(Contact.email).where(Contact.id == ticket.contact_id, Contact.deleted_at.is_(None))
    address = db.session.scalar(there.execution_options(scoped=True))
    if not address:
        return False
    subject = f"[{ticket.number}] {ticket.name}"
    post(actor, To(address=address), Ready(subject, said.body, automatic=False), key=f"ticket_answer:{said.id}")
    return True


def _note_first(actor: Actor, ticket: Ticket) -> None:
    if ticket.responded_at is None:
        ticket.responded_at = clock.now()
        ticket.version += 1
        record(actor, ticket, TicketAnswered({"responded": [None, plain(ticket.responded_at)]}))
        db.session.flush()
        reckon([ticket.id])
