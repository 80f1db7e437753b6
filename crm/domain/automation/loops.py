"""Guarding against rules that set each other, or themselves, in motion for ever."""

from sqlalchemy import select, text

from crm.domain.automation.models import AutomationRun, Decision
from crm.domain.automation.rules import Rule
from crm.infra.db import db
from crm.kernel.events import Event

DEEPEST = 5
_UP = text(
    """
    WITH RECURSIVE up (caused_by, depth) AS (
        SELECT caused_by, 1 FROM events WHERE id = :id AND occurred_at = :at
        UNION ALL SELECT events.caused_by, depth + 1 FROM up JOIN events ON events.id = up.caused_by
        WHERE depth <= :deepest)
    SELECT caused_by FROM up WHERE caused_by IS NOT NULL"""
)


def looped(rule: Rule, event: Event, subject_id: int) -> bool:
    """Whether the event comes of rules so often that it is enough, or of this one acting on the same record."""
    if event.caused_by is None:
        return False
    said = {"id": event.id, "at": event.occurred_at, "deepest": DEEPEST}
    chain = list(db.session.scalars(_UP, said))
    if len(chain) > DEEPEST:
        return True
    ran = select(AutomationRun.id).where(
        AutomationRun.rule_id == rule.id,
        AutomationRun.event_id.in_(chain),
        AutomationRun.subject_id == subject_id,
        AutomationRun.decision == Decision.DONE,
    )
    return db.session.scalar(ran.limit(1)) is not None
