"""Changes of many records, a batch at a time, taken up wherever the last worker left them."""

import structlog
from flask import current_app
from sqlalchemy.exc import DBAPIError

from crm.config import Settings
from crm.domain.bulk import running
from crm.infra.db import db
from crm.infra.news import Herald
from crm.jobs.base import commit, each_in_transaction, job, should_stop, when
from crm.kernel.errors import RuleBroken
from crm.kernel.events import deliver_next

log = structlog.get_logger(__name__)

_LATE = 5  # seconds after which this worker does what another should have done


@when(running.take_next)
@job
def sweep() -> int:
    """Serve every change that waits, in turns; returns how many batches were done."""
    settings: Settings = current_app.config["SETTINGS"]
    herald, done = Herald(settings), 0
    while not should_stop() and (bulk_id := _turn()) is not None:
        herald.tell(f"bulk:{bulk_id}")
        done += 1
        # Short work must not wait until a long change ends.
        each_in_transaction(lambda: deliver_next(late=0 if settings.workers == 1 else _LATE))
    return done


def _turn() -> int | None:
    bulk = running.take_next()
    if bulk is None:
        db.session.rollback()
        return None
    bulk_id: int = bulk.id
    try:
        running.step(bulk)
    except DBAPIError as error:
        if error.connection_invalidated:
            raise  # the database is away: the next sweep goes on
        _stumble(bulk_id, error)
    except RuleBroken as reason:
        db.session.rollback()
        running.fail(bulk_id, reason)
    except Exception as error:
        _stumble(bulk_id, error)
    commit()
    return bulk_id


def _stumble(bulk_id: int, error: Exception) -> None:
    db.session.rollback()
    log.error("bulk.stumbled", bulk_id=bulk_id, exc_info=error)
    running.put_off(bulk_id)
