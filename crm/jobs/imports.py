"""Imports, taken up wherever the last worker left them.

One job serves several imports in turns, a batch each, so that a small file never waits for a large one to
end. Session-level advisory locks, on a connection of their own, keep a second worker off: the database
frees them by itself when this process dies, however it dies.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from functools import cache
from pathlib import Path

import structlog
from flask import current_app
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from crm.config import Settings
from crm.domain.automation import reacting
from crm.domain.imports import checking, comparing, purge, rehearsing, running, tonight, turns
from crm.domain.imports.states import State
from crm.domain.imports.turns import Cancelled, LostTurn, Stopped
from crm.domain.reference.queries import resolve_industry, resolve_region
from crm.infra import words
from crm.infra.db import db
from crm.infra.news import Herald
from crm.infra.sheets import SheetError
from crm.infra.storage import storage_for
from crm.jobs.base import commit, each_in_transaction, job, should_stop, when
from crm.kernel.events import deliver_next
from crm.kernel.text import sort_key

log = structlog.get_logger(__name__)

_END = object()
_LATE = 5  # seconds after which this worker does what another should have done
AT_ONCE = 3  # imports that one worker serves in turns: each may hold a reader process
_SLOTS, _IMPORTS = 0x637_0000_0000, 0x638_0000_0000  # ranges of advisory lock numbers
_PHASES: dict[str, Callable[[int, Path], Iterator[None]]] = {
    State.INSPECTING: checking.inspect,
    State.CHECKING: checking.check,
    State.COMPARING: comparing.compare,
    State.REHEARSING: rehearsing.rehearse,
    State.RUNNING: running.run,
}


@cache
def warm() -> None:
    """Read the dictionaries of places, industries and pinyin, which take a second the first time they are asked."""
    resolve_region("北京")
    resolve_industry("批发业")
    sort_key("北京")


@when(lambda: tonight.due() or turns.waiting())
@job
def sweep() -> int:
    """Serve every import that waits for a worker; returns how many batches were done."""
    settings: Settings = current_app.config["SETTINGS"]
    each_in_transaction(tonight.start_next)
    with _locks() as locks:
        # All workers but one at most: somebody must stay free for the short work of the outbox.
        if not any(locks.take(_SLOTS + number) for number in range(max(1, settings.workers - 1))):
            return 0
        return _Rota(settings, locks).serve()


@job
def purge_old() -> int:
    """Forget files and rows of imports that ended long ago; returns how many imports."""
    storage, count = storage_for(current_app.config["SETTINGS"]), 0
    while not should_stop() and (key := purge.purge_next()) is not None:
        if key:
            storage.delete(key)  # before the commit: a file that stays behind would never be found again
        commit()
        count += 1
    return count


class _Locks:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def take(self, number: int) -> bool:
        return bool(self._connection.scalar(text("SELECT pg_try_advisory_lock(:number)"), {"number": number}))

    def free(self, number: int) -> None:
        self._connection.execute(text("SELECT pg_advisory_unlock(:number)"), {"number": number})

    def check(self) -> None:
        """Raises when the connection, and with it every lock, is gone."""
        self._connection.execute(text("SELECT 1"))


@contextmanager
def _locks() -> Iterator[_Locks]:
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            yield _Locks(connection)
        finally:
            connection.invalidate()  # closes it, which frees whatever is still held


@contextmanager
def _quiet_collector() -> Iterator[None]:
    """Left alone, the garbage collector walks all that lives again and again for rows that die young: a fifth of the
    time. What lives now is set aside for good, since the process ends with the job, and after each batch only what is
    new is looked at."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class _Rota:
    """The imports this worker has in hand, one generator of batches each."""

    def __init__(self, settings: Settings, locks: _Locks) -> None:
        self._settings, self._locks = settings, locks
        self._herald = Herald(settings)
        self._merger = words.Merger(db.engine)
        self._at_work: dict[int, Iterator[None]] = {}

    def serve(self) -> int:
        done = 0
        self._take_up()
        try:
            with _quiet_collector() if self._at_work else nullcontext():
                while self._at_work and not should_stop():
                    for import_id in list(self._at_work):
                        done += self._step(import_id)
                    gc.collect(1)
                    self._deliver()
                    self._take_up()
        finally:
            for steps in self._at_work.values():
                steps.close()  # type: ignore[attr-defined]  # ends the reader process
            self._merger.close()
        return done

    def _take_up(self) -> None:
        """Fill free hands with the imports that wait longest."""
        self._locks.check()
        if len(self._at_work) >= AT_ONCE:
            return
        for import_id in turns.waiting():
            if (
                len(self._at_work) < AT_ONCE
                and import_id not in self._at_work
                and self._locks.take(_IMPORTS + import_id)
            ):
                self._at_work[import_id] = _work(import_id, self._settings)
        db.session.rollback()

    def _step(self, import_id: int) -> int:
        """One batch, one transaction; or the end of this worker's turn."""
        try:
            more = next(self._at_work[import_id], _END) is not _END
        except Exception as error:
            self._end_badly(import_id, error)
        else:
            if more:
                commit()
                self._merger.merge(words.left())
            else:
                self._leave(import_id)
        self._herald.tell(f"import:{import_id}")
        return 1

    def _end_badly(self, import_id: int, error: Exception) -> None:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise error  # the database is away, for every import: the next sweep goes on
        db.session.rollback()
        match error:
            case LostTurn():
                pass
            case Cancelled():
                turns.cancel(import_id)
            case Stopped():
                turns.fail(import_id, error)
            case _:
                log.error("import.stumbled", import_id=import_id, exc_info=error)
                turns.put_off(import_id)
        commit()
        self._leave(import_id)

    def _leave(self, import_id: int) -> None:
        db.session.rollback()
        self._at_work.pop(import_id)
        self._locks.free(_IMPORTS + import_id)

    def _deliver(self) -> None:
        """Short work must not wait until the import ends: neither for the only worker nor for others that are away."""
        only = self._settings.workers == 1
        while not should_stop() and deliver_next(late=0 if only else _LATE):
            commit()
        if only and reacting.step():
            commit()
        db.session.rollback()


def _work(import_id: int, settings: Settings) -> Iterator[None]:
    """The phases that are a worker's, one after the other; a step ends where the transaction does."""
    import_ = turns.begin(import_id)
    state, key = import_.state, import_.storage_key
    yield
    with ExitStack() as stack:
        try:
            # Rows are staged before they are run; the file may be gone by then.
            staged = state in (State.COMPARING, State.REHEARSING, State.RUNNING)
            path = Path() if staged else stack.enter_context(storage_for(settings).path(key or ""))
        except (ValueError, FileNotFoundError) as error:
            raise Stopped(SheetError("gone").message_id) from error
        yield from _PHASES[state](import_id, path)
