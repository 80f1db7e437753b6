"""What it costs to see only what one may: the customer list of each kind of person, in the database."""

import statistics
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event, select, text

from bench import scale
from bench.database import ADMINISTRATOR, copied, filled, manager, rep, scratch, sizes
from bench.result import Measured, percentile
from crm import create_app
from crm.domain.customers.queries import CUSTOMERS
from crm.domain.people.models import Person
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.asking import Query

CAST = {
    "administrator": ADMINISTRATOR,
    "manager of a region": manager(1),
    "manager of a department": manager(2),
    "rep with most": rep(1),
    "rep with least": rep(scale.PEOPLE),
}
_SHARED = 300  # customers of others shown to each of them
_WARM = 12  # beyond the fifth execution a driver or server may have changed its plan
_SHARE = """
    INSERT INTO shares (subject_type, subject_id, person_id)
    SELECT 'customers', c.id, p.id FROM people p, LATERAL (
        SELECT id FROM customers WHERE owner_id <> p.id AND id % 997 = p.id % 997 ORDER BY id DESC LIMIT :each) c
    WHERE p.email = ANY(:people)"""


def visible_to_ms() -> Measured:
    """Value: the worst median of any question by anybody, with and without shares; the bar is 10 ms."""
    with filled() as prepared, copied(prepared) as database, scratch() as instance:
        app, watch = create_app(database.settings(instance), connections=2), _Watch()
        with app.app_context():
            kinds = _measured("", watch)
            db.session.execute(text(_SHARE), {"each": _SHARED, "people": list(CAST.values())})
            db.session.commit()
            db.session.execute(text("ANALYZE shares"))
            db.session.commit()
            kinds |= _measured(f", {_SHARED} shared", watch)
        detail = {"data": sizes(database), "kinds": kinds}
    return Measured("visible_to_ms", max(each["median"] for each in kinds.values()), "ms", scale.REPEATS, detail)


def _measured(told: str, watch: "_Watch") -> dict[str, dict[str, float]]:
    found = {}
    for who, email in CAST.items():
        actor = db.session.scalars(select(Person).filter_by(email=email)).one().actor
        for kind, ask in _questions(actor).items():
            for _ in range(_WARM):
                ask()
            times = [watch.time(ask) for _ in range(max(20, scale.REPEATS // 2))]
            found[f"{who}, {kind}{told}"] = {"median": statistics.median(times), "p95": percentile(times, 0.95)}
        db.session.rollback()
    return found


def _questions(actor: Actor) -> dict[str, Callable[[], Any]]:
    deep = _deep(actor)
    return {
        "first page": lambda: CUSTOMERS.page(actor, Query()),
        "deep page": lambda: CUSTOMERS.page(actor, Query(after=deep)),
        "by name": lambda: CUSTOMERS.page(actor, Query(sort="name")),
        "search": lambda: CUSTOMERS.page(actor, Query(search="科技")),
        "count": lambda: CUSTOMERS.count(actor, Query()),
    }


def _deep(actor: Actor) -> str:
    """As far down as forty pages of 250 lead, or to the last."""
    after = ""
    for _ in range(40):
        page = CUSTOMERS.page(actor, Query(after=after), size=250)
        if not page.after:
            return after
        after = page.after
    return after


class _Watch:
    """Time between the question put to the database and its last row, all statements together."""

    def __init__(self) -> None:
        self.seconds, self.begun = 0.0, 0.0
        event.listen(Engine, "before_cursor_execute", self._before)
        event.listen(Engine, "after_cursor_execute", self._after)

    def _before(self, *_: Any) -> None:
        self.begun = time.perf_counter()

    def _after(self, *_: Any) -> None:
        self.seconds += time.perf_counter() - self.begun

    def time(self, ask: Callable[[], Any]) -> float:
        self.seconds = 0.0
        ask()
        return self.seconds * 1000
