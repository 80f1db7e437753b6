"""Hand-overs, a batch at a time, taken up wherever the last worker left them."""

import structlog
from sqlalchemy.exc import DBAPIError

from crm.domain.handover import running
from crm.infra.db import db
from crm.jobs.base import each_in_transaction, job, when

log = structlog.get_logger(__name__)


@when(running.take_next)
@job
def sweep() -> int:
    """Serve every hand-over that waits; returns how many batches were done."""
    return each_in_transaction(_turn)


def _turn() -> bool:
    handover = running.take_next()
    if handover is None:
        return False
    handover_id: int = handover.id
    try:
        running.step(handover)
        db.session.flush()
    except Exception as error:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise  # the database is away: the next sweep goes on
        db.session.rollback()
        log.error("handover.stumbled", handover_id=handover_id, exc_info=error)
        running.put_off(handover_id)
    return True
