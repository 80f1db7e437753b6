"""Events that rules hear of, dealt with some at a time: one transaction for all that comes of them.

Whoever is killed in the middle has done nothing: the next one finds the same rows in the queue and does it all. What
reaches outside lies in the outboxes of notifications, mail and webhooks, which are part of the transaction.
"""

import datetime as dt
from collections.abc import Sequence

import structlog
from sqlalchemy import func, select

from crm.domain.automation.batch import Batch
from crm.domain.automation.models import AutomationEvent
from crm.infra.db import db

log = structlog.get_logger(__name__)
BATCH = 100
_LONGEST = 3600  # seconds until something that went wrong unexpectedly is tried again


def waits(most: int = 1) -> Sequence[AutomationEvent]:
    """Some of what waits, locked until the transaction ends."""
    due = select(AutomationEvent).where(AutomationEvent.run_at <= func.now())
    ordered = due.order_by(AutomationEvent.run_at, AutomationEvent.id).limit(most)
    return db.session.scalars(ordered.with_for_update(skip_locked=True)).all()


def step() -> bool:
    """Deal with some of what waits; False where there is nothing."""
    rows = waits(BATCH)
    if not rows:
        return False
    try:
        with db.session.begin_nested():
            _do(rows)
    except Exception:
        for row in rows:
            _alone(row)
    return True


def _do(rows: Sequence[AutomationEvent]) -> None:
    late = Batch(rows).work()
    for row in rows:
        if row.id in late:
            row.run_at = func.now() + dt.timedelta(seconds=2)  # the end of many changes: the last of them waits still
        else:
            db.session.delete(row)


def _alone(row: AutomationEvent) -> None:
    """One that cannot be dealt with must not keep the others from it."""
    try:
        with db.session.begin_nested():
            _do([row])
    except Exception as error:
        log.exception("automation.stumbled", event_id=row.event_id)
        row.attempts += 1
        row.error = repr(error)[:2000]
        row.run_at = func.now() + dt.timedelta(seconds=min(2**row.attempts, _LONGEST))
