"""Indexes of words take in what is written a little at a time: new entries wait in a list (GIN's pending list), which
every search reads, until somebody merges them.

Whoever saves merges when a quarter of a megabyte waits: every connection says so (`crm/infra/db.py`). Who writes by the
thousand lets more wait, which makes merging cheaper by half, and has it merged beside its own work.
"""

from collections import Counter
from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor

import structlog
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from crm.infra.db import db, driven

log = structlog.get_logger(__name__)
_MANY = "64MB"
_TOGETHER = 3  # batches of some thousand rows: three or four megabytes, what PostgreSQL by itself lets wait


def let_wait(table: str) -> None:
    """In the transaction under way; once it is kept, `left` tells it to whoever sees to the merging."""
    driven(f"SET LOCAL gin_pending_list_limit = '{_MANY}'")
    db.session.info.setdefault("words", set()).add(table)


def left() -> set[str]:
    """Tables whose words have been left to wait since it was asked the last time."""
    return db.session.info.pop("words", set())


def merge(table: str) -> None:
    """In the transaction under way, before many questions are asked."""
    db.session.execute(_MERGE, {"index": _index(table)})


class Merger:
    """Merges beside the work, on a connection of its own. Should that fail, whoever writes next merges what is left."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._pool = engine, ThreadPoolExecutor(1, "merger")
        self._left: Counter[str] = Counter()  # table → batches
        self._under_way: Future[None] | None = None

    def merge(self, tables: Collection[str]) -> None:
        """What one batch has left to wait in these; a few batches together cost less. Returns at once, unless those
        before are not done."""
        self._left.update(tables)
        if self._left.total() >= _TOGETHER:
            self._begin()

    def close(self) -> None:
        self._begin()
        self._pool.shutdown()

    def _begin(self) -> None:
        if self._under_way is not None:
            self._under_way.result()
        self._under_way = self._pool.submit(self._merge, tuple(self._left)) if self._left else None
        self._left.clear()

    def _merge(self, tables: Collection[str]) -> None:
        try:
            for each in tables:
                with self._engine.begin() as connection:
                    connection.execute(_MERGE, {"index": _index(each)})
        except DBAPIError as error:
            log.warning("words.not_merged", error=repr(error))


# A table without such an index has nothing to merge.
_MERGE = text("SELECT gin_clean_pending_list(to_regclass(:index))")


def _index(table: str) -> str:
    return f"ix_{table}_search"
