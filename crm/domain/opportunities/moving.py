"""A card put somewhere on the board: into a stage, and between two others."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from crm.domain.confirming.holding import Changed
from crm.domain.opportunities.actions import VERBS
from crm.domain.opportunities.history import NEWS
from crm.domain.opportunities.models import Opportunity
from crm.domain.opportunities.places import between, top
from crm.infra import clock
from crm.infra.db import db
from crm.infra.news import announce
from crm.kernel.access import Actor, unscoped


@dataclass(frozen=True)
class Spot:
    """The ids of the cards that are to stand beside it; without any it comes to stand on top."""

    above: int | None = None
    below: int | None = None


def move(actor: Actor, one: Opportunity, stage: str, values: Mapping[str, Any], spot: Spot) -> Changed:
    """Into the stage, together with what it asks for. `one` is locked, so nobody moves the same card at this moment;
    who moves another is not waited for. Where a card stands within its column is told to nobody: it means nothing."""
    wanted = dict(values) | ({"stage": stage} if stage != one.stage else {})
    changed = VERBS.change(actor, one, wanted) if wanted else Changed(False)
    if one.stage == stage and one.closed_at is None:
        one.place = _place(one, spot)
        announce(NEWS)
    db.session.flush()
    return changed


def _place(one: Opportunity, spot: Spot) -> str:
    """Where neither of the two stands in this column any more, on top."""
    place = Opportunity.place
    here = Opportunity.stage == one.stage, Opportunity.closed_at.is_(None), Opportunity.deleted_at.is_(None)
    beside = select(Opportunity.id, place).where(*here, Opportunity.id.in_({spot.above, spot.below} - {None, one.id}))
    with unscoped("places are counted over the cards of everybody; none of them is shown"):
        db.session.flush()
        found = dict(db.session.execute(beside).all())
        if spot.below in found:
            below = found[spot.below]
            above = db.session.scalar(select(func.max(place)).where(*here, Opportunity.id != one.id, place < below))
            return between(above, below) if above else min(top(clock.now()), between("", below))
        if spot.above in found:
            above = found[spot.above]
            next_ = db.session.scalar(select(func.min(place)).where(*here, Opportunity.id != one.id, place > above))
            return between(above, next_ or "")
    return top(clock.now())
