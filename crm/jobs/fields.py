"""Indexes of fields, built without holding up anybody who writes, and their values encrypted with a new key."""

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from crm.domain.fields import indexes, rotation
from crm.domain.people.actions import SYSTEM
from crm.infra.db import db
from crm.jobs.base import commit, each_in_transaction, job, should_stop, when

log = structlog.get_logger(__name__)
_ONE_BUILDER = "SELECT pg_try_advisory_lock(hashtext('index of a field'))"


@job
def encrypt_anew() -> int:
    """What is left of a change of keys; returns how many batches were done."""
    return each_in_transaction(lambda: rotation.step(SYSTEM))


@when(indexes.waiting)
@job
def build_indexes() -> int:
    """Every index that waits, one after the other; returns how many were built."""
    done = 0
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(text(_ONE_BUILDER)):
            return 0  # another worker is at it
        try:
            while not should_stop() and _build_next(connection):
                done += 1
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(hashtext('index of a field'))"))
    return done


def _build_next(connection: Connection) -> bool:
    definition = indexes.waiting()
    if definition is None:
        return False
    indexes.enter(definition, indexes.BUILDING)
    statements = indexes.building(definition)
    commit()  # a transaction left open would be waited for
    try:
        for statement in statements:
            connection.execute(text(statement))
    except DBAPIError as error:
        if error.connection_invalidated:
            raise  # the database is away: the next sweep begins again
        log.error("fields.index_failed", key=definition.key, exc_info=error)
        connection.execute(text(indexes.removing(definition)))  # left there, it would refuse what nobody can store
        indexes.enter(definition, indexes.FAILED)
    else:
        indexes.enter(definition, indexes.READY)
    commit()
    return True
