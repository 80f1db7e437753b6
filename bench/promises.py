"""How many tickets a second are reckoned: their promises, their places in the queue and the moments of their steps."""

import datetime as dt
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

from sqlalchemy import text

from bench import scale
from bench.database import scratch
from bench.result import Measured
from crm import create_app
from crm.config import Settings
from crm.domain.customers.actions import create_many as create_customers
from crm.domain.people.actions import SYSTEM, create_person
from crm.domain.sla import anew
from crm.domain.tickets import escalating, reckoning
from crm.domain.tickets.actions import create_many
from crm.infra import clock, embedded
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.migrating import upgrade

_BATCH, _CUSTOMERS = 2_000, 5_000
_PRIORITIES = ("urgent", "high", "normal", "normal", "normal", "low")
# A third waited for its customer once, for a day.
_WAITED = """
    INSERT INTO ticket_statuses (ticket_id, status, entered_at, left_at)
    SELECT id, 'waiting', opened_at + interval '1 hour', opened_at + interval '25 hours' FROM tickets
    WHERE id % 3 = 0"""


def sla_reckon_tickets_per_s() -> Measured:
    """Value: tickets a second when a rule changes and all that is open is reckoned anew, commits included."""
    with _site() as actor:
        detail: dict[str, Any] = {"created_per_s": scale.TICKETS / _timed(lambda: _fill(actor))}
        _all_anew()
        db.session.execute(text("UPDATE sla_policies SET respond_minutes = 2 * respond_minutes, solve_minutes = 60"))
        seconds = _timed(_all_anew)
        detail["nothing_differs_per_s"] = scale.TICKETS / _timed(_all_anew)
        with clock.frozen(clock.now() + dt.timedelta(days=60)):
            detail["steps_taken_per_s"] = scale.TICKETS / _timed(_escalate)
    return Measured("sla_reckon_tickets_per_s", scale.TICKETS / seconds, "1/s", scale.TICKETS, detail)


def _fill(actor: Actor) -> None:
    dice, now = Random(scale.SEED), clock.now()
    for start in range(0, scale.TICKETS, _BATCH):
        rows = [_row(number, dice, now) for number in range(start, min(start + _BATCH, scale.TICKETS))]
        create_many(actor, rows)
        db.session.commit()
    db.session.execute(text(_WAITED))
    db.session.commit()


def _row(number: int, dice: Random, now: dt.datetime) -> dict[str, Any]:
    opened = now - dt.timedelta(minutes=dice.randrange(30 * 24 * 60))
    return {
        "name": f"Ticket {number}",
        "priority": dice.choice(_PRIORITIES),
        "customer": 1 + number % _CUSTOMERS,
        "opened": opened,
    }


def _all_anew() -> None:
    anew.ask(SYSTEM)
    db.session.commit()
    while reckoning.step():
        db.session.commit()


def _escalate() -> None:
    while escalating.step():
        db.session.commit()


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


@contextmanager
def _site() -> Iterator[Actor]:
    """The program on a database of its own, with customers."""
    with scratch() as instance:
        settings = Settings(instance=instance, secret_key="bench " * 8)
        servers = embedded.start(settings, only=["postgres"])
        try:
            with create_app(servers.applied(settings), connections=2).app_context():
                upgrade()
                boss = create_person(SYSTEM, email="boss@example.com", name="Boss", role="administrator")
                db.session.commit()
                levels = ("a", "b", "c", None)
                for start in range(0, _CUSTOMERS, _BATCH):
                    numbers = range(start, min(start + _BATCH, _CUSTOMERS))
                    create_customers(boss.actor, [{"name": f"Customer {n}", "level": levels[n % 4]} for n in numbers])
                    db.session.commit()
                yield boss.actor
                db.session.remove()
                db.engine.dispose()
        finally:
            servers.stop()
