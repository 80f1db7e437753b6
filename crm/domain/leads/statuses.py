"""What follows when leads come in or change: whose they are, what they score, and the history of their status."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import select, update

from crm.domain.leads.assignment import assign
from crm.domain.leads.choices import DISCARDED, WON
from crm.domain.leads.models import Lead, LeadStatus
from crm.domain.leads.scoring import among, score
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.bulk import copy_rows
from crm.kernel.errors import Invalid
from crm.kernel.text import N_

Written = Sequence[tuple[int, Mapping[str, Any]]]
Before = Mapping[int, Mapping[str, list[Any]]] | None
_BY_CONVERSION = N_("A %(lead)s is won by converting it, which makes its %(customer)s.")
_WON_ALREADY = N_("This %(lead)s was won by converting it: undo the conversion first.")


def check(actor: Actor, values: Mapping[str, Any], lead: Lead | None) -> None:
    status, was = values.get("status"), lead.status if lead is not None else None
    if status is None or status == was:
        return
    if status == WON:
        raise Invalid(_BY_CONVERSION, key="status")
    if was == WON:
        raise Invalid(_WON_ALREADY, key="status")


def complete(actor: Actor, columns: dict[str, Any], lead: Lead | None) -> None:
    """Whoever takes it up again has no reason for discarding it any more; the log has it."""
    if lead is not None and lead.status == DISCARDED and columns.get("status", DISCARDED) != DISCARDED:
        columns |= {"discard_reason": None, "discard_text": None}


def follow(actor: Actor, written: Written, before: Before) -> None:
    db.session.flush()
    ids = [id_ for id_, _ in written]
    if before is None:
        assign(actor, ids)
        enter(actor, ids)
    else:
        moved = [id_ for id_ in ids if "status" in before[id_]]
        leave(moved)
        enter(actor, moved)
        note_owner([id_ for id_ in ids if "owner" in before[id_]])
    score(actor, ids)


def enter(actor: Actor, ids: Collection[int]) -> None:
    """Note the status these leads have now as one they came into."""
    if not ids:
        return
    asked = select(Lead.id, Lead.status, Lead.owner_id, Lead.source).where(among(ids)).order_by(Lead.id)
    rows = db.session.execute(asked.execution_options(scoped=True)).all()
    columns = ("lead_id", "status", "owner_id", "source", "actor_id", "entered_at")
    now = clock.now()
    copy_rows("lead_statuses", columns, ((*row, actor.id, now) for row in rows))


def leave(ids: Collection[int]) -> None:
    if ids:
        here = LeadStatus.lead_id.in_(ids), LeadStatus.left_at.is_(None)
        statement = update(LeadStatus).where(*here).values(left_at=clock.now())
        db.session.execute(statement.execution_options(synchronize_session=False))


def note_owner(ids: Collection[int]) -> None:
    """Who takes one that nobody had answers for the status it is in."""
    if ids:
        its = select(Lead.owner_id).where(Lead.id == LeadStatus.lead_id).execution_options(scoped=True)
        here = LeadStatus.lead_id.in_(ids), LeadStatus.left_at.is_(None), LeadStatus.owner_id.is_(None)
        statement = update(LeadStatus).where(*here).values(owner_id=its.scalar_subquery())
        db.session.execute(statement.execution_options(scoped=True, synchronize_session=False))
