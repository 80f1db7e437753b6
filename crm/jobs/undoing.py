"""Imports taken back and made again, a batch at a time, taken up wherever the last worker left them."""

import structlog
from flask import current_app
from sqlalchemy.exc import DBAPIError

from crm.config import Settings
from crm.domain.undoing import queries, running
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
    """Serve every undo that waits, in turns; returns how many batches were done."""
    settings: Settings = current_app.config["SETTINGS"]
    herald, done = Herald(settings), 0
    while not should_stop() and (undo_id := _turn()) is not None:
        herald.tell(f"undo:{undo_id}")
        done += 1
        # Short work must not wait until a long undo ends.
        each_in_transaction(lambda: deliver_next(late=0 if settings.workers == 1 else _LATE))
    return done


@job
def forget() -> int:
    """Forget rows of undos whose imports are forgotten; returns how many."""
    count = 0
    while not should_stop() and (some := queries.forget_some()):
        commit()
        count += some
    return count


def _turn() -> int | None:
    undo = running.take_next()
    if undo is None:
        db.session.rollback()
        return None
    undo_id: int = undo.id
    try:
        running.step(undo)
    except DBAPIError as error:
        if error.connection_invalidated:
            raise  # the database is away: the next sweep goes on
        _stumble(undo_id, error)
    except RuleBroken as reason:
        db.session.rollback()
        running.fail(undo_id, reason)
    except Exception as error:
        _stumble(undo_id, error)
    commit()
    return undo_id


def _stumble(undo_id: int, error: Exception) -> None:
    db.session.rollback()
    log.error("undo.stumbled", undo_id=undo_id, exc_info=error)
    running.put_off(undo_id)
