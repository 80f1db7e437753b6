"""Events are sealed in the order of sealing, by workers, after they were written: no write waits for it.

Ids become visible out of order: a transaction may hold a small id and commit it last. So there is no "sealed up to
here" but `below`, of which is known that no smaller id can still appear. It moves by two steps. First `ahead`, the
next id of the sequence, is noted, and after it the transactions that run: whoever was given a smaller id is among
them or has ended. When none of them runs any more, whatever they wrote is visible; once that is sealed, `below`
becomes `ahead`. From `below` upwards every pass looks for events without a seal.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import exists, select, text

from crm.domain.audit.chain import COLUMNS, START, link
from crm.domain.audit.models import Seal, Sealing
from crm.infra.db import db
from crm.kernel.bulk import copy_rows
from crm.kernel.events import Event

BATCH = 5_000
_AHEAD = text("SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('events', 'id')::regclass), 0) + 1")
_RUNNING = text(
    "SELECT l.virtualxid FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid"
    " WHERE l.locktype = 'virtualxid' AND l.virtualxid = l.virtualtransaction AND l.pid <> pg_backend_pid()"
    " AND (a.datname IS NULL OR a.datname = current_database())"
)


def seal(batch: int = BATCH) -> Iterator[int]:
    """One pass over what is not sealed. Each step is one transaction, which the caller ends; it gives their number."""
    state = _taken()
    if state is None:
        return
    settled = state.below if set(state.running) & set(db.session.scalars(_RUNNING)) else state.ahead
    at = state.below
    while state is not None:
        rows = _unsealed(at, batch)
        _put(rows)
        at = rows[-1].id + 1 if rows else at
        if len(rows) < batch:
            state.below = max(state.below, settled)
            _look_ahead(state)
            yield len(rows)
            return
        state.below = max(state.below, min(settled, at))
        yield len(rows)
        state = _taken()


def head() -> tuple[int, bytes]:
    """(position, hash) of the last link."""
    last = db.session.execute(select(Seal.position, Seal.hash).order_by(Seal.position.desc()).limit(1)).first()
    return (last.position, last.hash) if last else (0, START)


def _taken() -> Sealing | None:
    """The state, ours until the transaction ends; None while another worker has it."""
    return db.session.scalars(
        select(Sealing).with_for_update(skip_locked=True).execution_options(populate_existing=True)
    ).first()


def _unsealed(at: int, most: int) -> list[Any]:
    sealed = exists().where(Seal.event_id == Event.id)
    statement = select(*COLUMNS).where(Event.id >= at, ~sealed).order_by(Event.id).limit(most)
    return list(db.session.execute(statement).all())


def _put(rows: list[Any]) -> None:
    position, hash_ = head()
    links = []
    for position_, row in enumerate(rows, position + 1):
        hash_ = link(hash_, row)
        links.append((row.id, position_, hash_))
    if links:
        copy_rows("seals", ("event_id", "position", "hash"), links)


def _look_ahead(state: Sealing) -> None:
    if state.below < state.ahead:
        return  # those noted have not all ended yet
    state.ahead = db.session.scalar(_AHEAD) or 1
    state.running = list(db.session.scalars(_RUNNING))  # only now: see above
