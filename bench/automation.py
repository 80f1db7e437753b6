"""Rules of automation: how many events a worker takes through them, and what they cost whoever writes."""

import time
from typing import Any

from sqlalchemy import select, text

from bench import scale
from bench.audit import empty
from bench.result import Measured, percentile, spread
from crm.domain.automation import reacting, ruling
from crm.domain.automation.drafts import Draft
from crm.domain.automation.models import AutomationRule
from crm.domain.customers.actions import change, change_many, create_many
from crm.domain.customers.models import Customer
from crm.domain.people.actions import SYSTEM, create_person
from crm.domain.people.models import Person
from crm.infra.db import db
from crm.kernel import listening
from crm.kernel.access import Actor
from crm.kernel.events import deliver_next
from crm.reactions import LISTENER

_RULES, _BATCH = 20, 500
_LEVELS = ("a", "b")
_WHEN = {"kind": "changed", "field": "level"}
_DEEDS: tuple[dict[str, Any], ...] = (
    {"do": "set", "field": "lifecycle_stage", "value": "active"},
    {"do": "notify", "whom": "owner"},
)


def reactions_per_second() -> Measured:
    """Value: events a second that one worker takes through 20 rules, each of which hears of every event; for each one
    rule's conditions hold, and it sets a field or tells the owner. Commits included."""
    with empty():
        boss = _rules(_prepared())
        ids = list(db.session.scalars(select(Customer.id).execution_options(scoped=True).order_by(Customer.id)))
        for at in range(0, scale.REACTIONS, _BATCH):
            some = [ids[number % len(ids)] for number in range(at, min(at + _BATCH, scale.REACTIONS))]
            level = _LEVELS[at // len(ids) % 2]
            change_many(boss, [(id_, {"level": level}) for id_ in some])
            db.session.commit()
        waiting = _count("automation_queue")
        begun, used = time.perf_counter(), time.process_time()
        steps = _worked()
        seconds, used = time.perf_counter() - begun, time.process_time() - used
        detail = {"rules": _RULES, "acted": _count("automation_runs WHERE decision = 'done'"), "steps": steps}
        detail |= {"decisions": _count("automation_runs"), "queued": waiting, "seconds": seconds, "cpu_seconds": used}
    return Measured("reactions_per_second", waiting / seconds, "1/s", waiting, detail)


def write_latency_with_rules_ratio() -> Measured:
    """Value: the median time of a change with its commit while 20 rules hear of it, against no rules; in turns."""
    with empty():
        boss = _rules(_prepared())
        times: dict[bool, list[float]] = {False: [], True: []}
        for turn in range(_TURNS):
            on = bool(turn % 2)
            boss = _switched(boss, on=on)
            noted = _changed(boss, turn)
            times[on] += noted[_WARM:]
        detail = {"without": spread(times[False]), "with": spread(times[True]), "rules": _RULES}
        ratio = percentile(times[True], 0.5) / percentile(times[False], 0.5)
    return Measured("write_latency_with_rules_ratio", ratio, "times", len(times[True]), detail)


_TURNS, _WRITES, _WARM = 8, 150, 20


def _prepared() -> Actor:
    listening.listened_by(LISTENER)
    person = create_person(SYSTEM, email="boss@example.com", name="Boss", role="administrator")
    rows = [{"name": f"Customer {n}", "level": "c", "remarks": f"group {n % _RULES:02}"} for n in range(2_000)]
    create_many(person.actor, rows)
    db.session.commit()
    return person.actor


def _rules(boss: Actor) -> Actor:
    """The boss as they are afterwards: whoever writes goes by the rules they found when they came."""
    for number in range(_RULES):
        conditions = (("remarks", "contains", f"group {number:02}"), ("level", "in", "a,b"))
        draft = Draft(f"Rule {number}", "customers", None, _WHEN, conditions, [_DEEDS[number % len(_DEEDS)]])
        ruling.switch(boss, ruling.make(boss, draft), on=True)
    db.session.commit()
    return _again(boss)


def _switched(boss: Actor, *, on: bool) -> Actor:
    for rule in db.session.scalars(select(AutomationRule).where(AutomationRule.key.is_(None))):
        ruling.switch(boss, rule, on=on)
    db.session.commit()
    return _again(boss)


def _again(boss: Actor) -> Actor:
    actor: Actor = db.session.get_one(Person, boss.id).actor
    db.session.commit()
    return actor


def _changed(boss: Actor, turn: int) -> list[float]:
    """Milliseconds of each."""
    times = []
    for number in range(_WRITES):
        asked = Customer.visible_to(boss).order_by(Customer.id).offset(number).limit(1)
        one = db.session.scalars(asked).one()
        begun = time.perf_counter()
        change(boss, one, {"level": _LEVELS[turn % 2]})
        db.session.commit()
        times.append(1000 * (time.perf_counter() - begun))
    return times


def _worked() -> int:
    """As the worker of the outbox does it."""
    steps = 0
    while deliver_next() or reacting.step():
        db.session.commit()
        steps += 1
    db.session.rollback()
    return steps


def _count(what: str) -> int:
    return int(db.session.scalar(text(f"SELECT count(*) FROM {what}")) or 0)
