"""How long customers are scored by a million orders, and what a goal costs among them."""

import datetime as dt
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import create_engine, text

from bench import scale
from bench.database import scratch
from bench.result import Measured, percentile
from crm import create_app
from crm.config import Settings
from crm.domain.customers.actions import create_many
from crm.domain.goals.measures import MEASURES, parts
from crm.domain.goals.periods import end_of
from crm.domain.orders import actions as orders
from crm.domain.orders.value import mend
from crm.domain.people.actions import SYSTEM, create_person
from crm.domain.rfm import actions, running
from crm.domain.rfm.models import DONE
from crm.domain.rfm.rules import Rules
from crm.infra import embedded
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.migrating import upgrade

_BATCH, _REPS = 2_000, 50
_TODAY = dt.date(2026, 11, 1)
# A few customers buy most, each of its own at any hour of three years; one order in ten is cancelled or returned.
_ORDERS = """
    INSERT INTO orders (number, name, customer_id, ordered_on, status, amount, currency, owner_id, department_id,
        sort_key, search, search_text)
    SELECT 'ORD' || n, 'ORD' || n, 1 + floor(:customers * random() ^ 2),
        CAST(:today AS date) - floor(1095 * random())::int,
        (ARRAY['open', 'paid', 'shipped', 'done', 'done', 'done', 'done', 'done', 'cancelled', 'returned'])[1 + n % 10],
        round((exp(4 + 2 * random()))::numeric, 2), 'CNY', :first + n % :reps, 1 + n % 10, 'ord', ''::tsvector, ''
    FROM generate_series(1, :orders) AS n"""


def rfm_million_orders_s() -> Measured:
    """Value: seconds of the first scoring, by quantiles, commits included, after values are counted."""
    with _filled() as actor:
        detail: dict[str, Any] = {"orders": scale.ORDERS, "customers": scale.ORDERS // 5}
        detail["counting_s"] = _timed(_count)
        seconds = _timed(lambda: _score(_TODAY))
        detail["a_night_later_s"] = _timed(lambda: _score(_TODAY + dt.timedelta(days=1)))
        detail["orders_by_verb_per_s"] = 5 * _BATCH / _timed(lambda: _by_verb(actor))
        detail["goal_ms"] = _goals(actor)
    return Measured("rfm_million_orders_s", seconds, "s", scale.ORDERS, detail)


def _count() -> None:
    """As a night does for what was written past the verbs."""
    for after in range(0, scale.ORDERS // 5, running.STRETCH):
        mend(after, after + running.STRETCH)
        db.session.commit()


def _score(day: dt.date) -> None:
    actions.change_rules(SYSTEM, Rules(analysed_on=day))
    run = actions.ask(SYSTEM)
    db.session.commit()
    while run.state != DONE:
        running.step(run)
        db.session.commit()


def _by_verb(actor: Actor) -> None:
    """Orders as an import writes them."""
    for batch in range(5):
        rows = [
            {"customer": 1 + (batch * _BATCH + n) % (scale.ORDERS // 5), "ordered_on": _TODAY, "amount": Decimal(n)}
            for n in range(_BATCH)
        ]
        orders.create_many(actor, rows)
        db.session.commit()


def _goals(actor: Actor) -> dict[str, float]:
    """The median of one question, each measure for the longest and the shortest stretch, of all and of one person."""
    found, year, month = {}, dt.date(2026, 1, 1), dt.date(2026, 10, 1)
    assert actor.id is not None
    for key in ("orders", "new_customers"):
        for period, start in (("year", year), ("month", month)):
            days = (start, end_of(period, start))
            for told, whose in (("company", ()), ("person", (actor.id,))):
                ask = partial(parts, MEASURES[key], days, whose, (), all_=not whose)
                found[f"{key}, {period}, {told}"] = percentile([_timed(ask) * 1000 for _ in range(9)], 0.5)
    return found


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


@contextmanager
def _filled() -> Iterator[Actor]:
    """The program on a database of its own, with customers made by the verb and orders by one statement."""
    with scratch() as instance:
        settings = Settings(instance=instance, secret_key="bench " * 8)
        servers = embedded.start(settings, only=["postgres"])
        try:
            ours = servers.applied(settings)
            with create_app(ours, connections=2).app_context():
                upgrade()
                yield _fill(ours)
                db.session.remove()
                db.engine.dispose()
        finally:
            servers.stop()


def _fill(settings: Settings) -> Actor:
    reps = [create_person(SYSTEM, email=f"rep{n}@example.com", name=f"Rep {n}", role="sales_rep") for n in range(_REPS)]
    db.session.commit()
    actor = reps[0].actor
    customers = scale.ORDERS // 5
    for start in range(0, customers, _BATCH):
        create_many(actor, [{"name": f"Customer {n}"} for n in range(start, min(start + _BATCH, customers))])
        db.session.commit()
    db.session.execute(text("SELECT setseed(0.42)"))
    given = {"customers": customers, "orders": scale.ORDERS, "today": _TODAY, "first": reps[0].id, "reps": _REPS}
    db.session.execute(text(_ORDERS), given)
    db.session.execute(text("UPDATE customers SET created_at = :today - random() * interval '3 years'"), given)
    db.session.commit()
    owner = create_engine(settings.database_owner_url, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.execute(text("VACUUM (ANALYZE)"))
    return actor
