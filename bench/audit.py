"""How fast the log is sealed and checked, and how much a change adds to it."""

import time

from flask_migrate import upgrade
from sqlalchemy import text

from bench import scale
from bench.database import scratch
from bench.result import Measured
from crm import create_app
from crm.config import Settings
from crm.domain.audit import sealing
from crm.domain.audit.verify import verify
from crm.domain.customers.events import CustomerChanged
from crm.infra import embedded
from crm.infra.db import db
from crm.kernel.access import NOBODY
from crm.kernel.events import record_many

_BATCH = 2_000  # as an import writes them
_GROWTH = "SELECT pg_total_relation_size(:table)"


def seal_rows_per_second() -> Measured:
    """Value: events sealed a second by one worker, commits included, with a backlog as after an import."""
    with scratch() as instance:
        settings = Settings(instance=instance, secret_key="bench " * 8)
        servers = embedded.start(settings, only=["postgres"])
        try:
            with create_app(servers.applied(settings), connections=2).app_context():
                upgrade()
                return _measured()
        finally:
            servers.stop()


def _measured() -> Measured:
    _write()
    events = _size("events")
    begun = time.perf_counter()
    rows = _seal()
    sealed = time.perf_counter() - begun
    begun = time.perf_counter()
    verdict = verify([])
    verified = time.perf_counter() - begun
    if not verdict.sound or verdict.rows != rows or rows != scale.EVENTS:
        raise RuntimeError(f"{rows} of {scale.EVENTS} events were sealed, {verdict}")
    detail = {
        "verified_rows_per_second": rows / verified,
        "bytes_per_event": events / rows,
        "bytes_per_seal": _size("seals") / rows,
    }
    db.session.remove()
    db.engine.dispose()
    return Measured("audit_seal_rows_per_second", rows / sealed, "1/s", rows, detail)


def _write() -> None:
    for first in range(1, scale.EVENTS + 1, _BATCH):
        ids = range(first, min(first + _BATCH, scale.EVENTS + 1))
        changes = {"phone": ["+8613800138000", "+8613900139000"], "remarks": [None, "Asked for an offer until Friday"]}
        record_many(NOBODY, "customers", [(id_, CustomerChanged(changes)) for id_ in ids])
        db.session.commit()


def _seal() -> int:
    done = 0
    for count in sealing.seal():
        db.session.commit()
        done += count
    return done


def _size(table: str) -> int:
    return int(db.session.scalar(text(_GROWTH), {"table": table}) or 0)
