"""How fast the log is sealed and checked, and how much a change adds to it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from bench import scale
from bench.database import scratch
from bench.result import Measured
from crm import create_app
from crm.config import Settings
from crm.domain.audit import sealing
from crm.domain.audit.verify import verify
from crm.domain.customers.actions import change, create_many
from crm.domain.customers.events import FACTS
from crm.domain.customers.models import Customer
from crm.domain.people.actions import SYSTEM, create_person
from crm.infra import embedded
from crm.infra.db import db
from crm.kernel.access import NOBODY
from crm.kernel.events import Origin, origin, record_many
from crm.migrating import upgrade

_BATCH = 2_000  # as an import writes them
_SIZE = """
    SELECT pg_total_relation_size(kept)
        + coalesce((SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = kept), 0)
    FROM (SELECT CAST(:table AS regclass) AS kept) AS tables"""
_CUSTOMERS = 500
_PHONES = ("+8613800138000", "+8613900139000")


def seal_rows_per_second() -> Measured:
    """Value: events sealed a second by one worker, commits included, with a backlog as after an import."""
    with empty():
        return _sealed()


def bytes_per_change() -> Measured:
    """Value: what a change of one field adds to the log, with indexes and its seal, through the product's verb."""
    with empty():
        return _grown()


@contextmanager
def empty() -> Iterator[None]:
    """The program on a database with nothing in it."""
    with scratch() as instance:
        settings = Settings(instance=instance, secret_key="bench " * 8)
        servers = embedded.start(settings, only=["postgres"])
        try:
            with create_app(servers.applied(settings), connections=2).app_context():
                upgrade()
                yield
                db.session.remove()
                db.engine.dispose()
        finally:
            servers.stop()


def _grown() -> Measured:
    boss = create_person(SYSTEM, email="boss@example.com", name="Boss", role="administrator").actor
    create_many(boss, [{"name": f"Customer {number}", "phone": _PHONES[0]} for number in range(_CUSTOMERS)])
    db.session.commit()
    _seal()
    before = {table: _size(table) for table in ("events", "seals")}
    for number in range(scale.CHANGES):
        origin.set(Origin(f"{number:016x}", "198.51.100.7"))  # as a request has them
        asked = Customer.visible_to(boss).order_by(Customer.id).offset(number % _CUSTOMERS).limit(1)
        change(boss, db.session.scalars(asked).one(), {"phone": _PHONES[(number // _CUSTOMERS + 1) % 2]})
        db.session.commit()
    if (rows := _seal()) != scale.CHANGES:
        raise RuntimeError(f"{rows} events of {scale.CHANGES} changes were sealed")
    detail = {table: (_size(table) - size) / rows for table, size in before.items()}
    return Measured("audit_bytes_per_change", sum(detail.values()), "bytes", rows, detail)


def _sealed() -> Measured:
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
    return Measured("audit_seal_rows_per_second", rows / sealed, "1/s", rows, detail)


def _write() -> None:
    for first in range(1, scale.EVENTS + 1, _BATCH):
        ids = range(first, min(first + _BATCH, scale.EVENTS + 1))
        changes = {"phone": ["+8613800138000", "+8613900139000"], "remarks": [None, "Asked for an offer until Friday"]}
        record_many(NOBODY, "customers", [(id_, FACTS.changed(changes)) for id_ in ids])
        db.session.commit()


def _seal() -> int:
    done = 0
    for count in sealing.seal():
        db.session.commit()
        done += count
    return done


def _size(table: str) -> int:
    return int(db.session.scalar(text(_SIZE), {"table": table}) or 0)
