"""Stage after stage of an opportunity: written with every change from its first day on."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, literal, select, update

from crm.domain.opportunities.models import Opportunity, OpportunityStage
from crm.infra import clock
from crm.infra.db import db
from crm.infra.news import announce
from crm.kernel.access import Actor, unscoped

NEWS = "opportunities"


def follow(
    actor: Actor, written: Sequence[tuple[int, Mapping[str, Any]]], before: Mapping[int, Mapping[str, list[Any]]] | None
) -> None:
    """`then` of the verbs."""
    announce(NEWS)
    moved = [id_ for id_, _ in written if before is None or "stage" in before[id_]]
    if not moved:
        return
    db.session.flush()
    known, now = OpportunityStage, clock.now()
    if before is not None:
        ended = update(known).where(known.opportunity_id.in_(moved), known.left_at.is_(None)).values(left_at=now)
        db.session.execute(ended.execution_options(synchronize_session=False))
    columns = (Opportunity.id, Opportunity.stage, Opportunity.stage_since, literal(actor.id, known.actor_id.type))
    entered = select(*columns).where(Opportunity.id.in_(moved)).order_by(Opportunity.id)
    with unscoped("what has just been written"):
        db.session.execute(insert(known).from_select(["opportunity_id", "stage", "entered_at", "actor_id"], entered))


@dataclass(frozen=True)
class Stay:
    stage: str
    since: dt.datetime
    until: dt.datetime | None
    actor_id: int | None

    @property
    def days(self) -> int:
        return days_since(self.since, self.until)


def stays(opportunity: Opportunity) -> list[Stay]:
    """The newest first; `opportunity` must have been fetched through visible_to."""
    known = OpportunityStage
    statement = select(known).where(known.opportunity_id == opportunity.id)
    rows = db.session.scalars(statement.order_by(known.entered_at.desc(), known.id.desc()))
    return [Stay(each.stage, each.entered_at, each.left_at, each.actor_id) for each in rows]


def days_since(since: dt.datetime, until: dt.datetime | None = None) -> int:
    """Whole days."""
    return max(0, ((until or clock.now()) - since).days)
