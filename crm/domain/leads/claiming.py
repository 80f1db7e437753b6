"""Taking a lead from the pool. Of several who try at once one gets it, and the others are told."""

from sqlalchemy import select, update

from crm.domain.leads.events import LeadClaimed
from crm.domain.leads.models import Lead
from crm.domain.leads.statuses import note_owner
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import RuleBroken
from crm.kernel.events import Event, record
from crm.kernel.text import N_

_QUICKER = N_("Somebody else was quicker: this %(lead)s is not in the pool any more.")


def claim(actor: Actor, lead: Lead) -> None:
    """A lead the actor can see. The database decides who was first, so nobody has to wait for a lock."""
    pool, now = lead.department_id, clock.now()
    taken = {"owner_id": actor.id, "department_id": actor.department_id, "version": Lead.version + 1, "updated_at": now}
    first = update(Lead).where(Lead.id == lead.id, Lead.owner_id.is_(None)).values(taken).returning(Lead.id)
    won = db.session.scalar(first.execution_options(scoped=True, synchronize_session=False))
    if won is None:
        raise RuleBroken(_QUICKER)
    db.session.refresh(lead)
    record(actor, lead, LeadClaimed(pool, {"owner": [None, actor.id]}))
    note_owner([lead.id])


def refuse_late(actor: Actor, lead_id: int) -> None:
    """Raises RuleBroken for whoever could have claimed it and comes after somebody else did; for all others it does
    not exist, as ever."""
    claimed = (
        select(Event.payload["pool"].as_integer())
        .where(Event.subject_type == "leads", Event.subject_id == lead_id, Event.name == LeadClaimed.name)
        .order_by(Event.occurred_at.desc(), Event.id.desc())
        .limit(1)
    )
    row = db.session.execute(claimed).first()
    if row is not None and (row[0] is None or row[0] in actor.pools):
        raise RuleBroken(_QUICKER)
