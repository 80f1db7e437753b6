"""A worker killed in the middle of rules, two at once, and Redis emptied: each effect happens once, in the end."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import text

from crm.config import Settings
from crm.domain.automation import reacting
from crm.domain.automation.rules import Listening
from crm.domain.customers import actions as customers
from crm.domain.people import actions as people
from crm.domain.people.actions import SYSTEM
from crm.domain.people.models import Person
from crm.domain.webhooks import actions as webhooks
from crm.infra import queue, vault
from crm.infra.db import db, engine_options
from crm.infra.embedded.process import spawn, wait_until
from crm.kernel import listening
from tests.databases import migrated_database
from tests.domain.automation.making import made
from tests.jobs.test_import_faults import environment_of

ROWS = 1_200  # a dozen batches
PATIENCE = 120
_WORK = "from crm.jobs.outbox import empty_outbox; empty_outbox()"


@pytest.fixture
def alone(settings: Settings) -> Iterator[Settings]:
    """A database of its own, whose transactions are real, with a rule that has effects of every kind."""
    with migrated_database(settings, "automation_faults") as own:
        app = Flask("tests.jobs.automation_faults")
        app.config["SQLALCHEMY_DATABASE_URI"] = own.database_url
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(6)
        db.init_app(app)
        vault.init(own)
        listening.listened_by(Listening())
        with app.app_context():
            boss = people.create_person(SYSTEM, email="boss@example.com", name="Boss", role="administrator")
            people.create_person(SYSTEM, email="rep@example.com", name="Rep", role="sales_rep")
            endpoint, _ = webhooks.make(boss.actor, "Elsewhere", "https://93.184.216.34/")
            made(
                boss.actor,
                {"kind": "created"},
                {"do": "set", "field": "level", "value": "a"},
                {"do": "task", "title": "Call {name}", "days": "1", "whom": "owner"},
                {"do": "notify", "whom": "owner"},
                {"do": "webhook", "endpoint": str(endpoint.id)},
            )
            db.session.commit()
            yield own
            db.session.remove()
            db.engine.dispose()


def entered(count: int) -> None:
    rep = db.session.query(Person).filter_by(email="rep@example.com").one()
    customers.create_many(rep.actor, [{"name": f"公司{n}"} for n in range(count)])
    db.session.commit()


def worker(own: Settings) -> Any:
    log = (own.instance / "automation-worker.log").open("ab")
    return spawn([sys.executable, "-c", _WORK], orphaned=signal.SIGKILL, env=environment_of(own), output=log)


def count(what: str) -> int:
    db.session.rollback()
    return int(db.session.scalar(text(f"SELECT count(*) FROM {what}")) or 0)


def effects() -> dict[str, int]:
    """How many there are of each, and of how many records."""
    of_record = "events WHERE name = 'customer.changed' AND caused_by IS NOT NULL"
    return {
        "runs": count("automation_runs WHERE decision = 'done'"),
        "changes": count(of_record),
        "changed": count(f"(SELECT DISTINCT subject_id FROM {of_record}) AS changed"),
        "tasks": count("tasks"),
        "about": count("(SELECT DISTINCT about FROM tasks) AS about"),
        "told": count("notifications WHERE kind = 'automated'"),
        "given": count("notifications WHERE kind = 'assigned'"),
        "webhooks": count("webhook_deliveries"),
    }


def test_what_a_killed_worker_had_begun_happens_once(alone: Settings) -> None:
    entered(ROWS)
    process = worker(alone)
    assert wait_until(lambda: 0 < count("automation_runs") < ROWS, PATIENCE, pause=0.01)
    process.kill()
    process.wait()
    assert count("automation_queue"), "It was over before it could be killed: give it more rows."
    others = [worker(alone) for _ in "12"]  # two at once
    for each in others:
        each.wait()
    while reacting.step():  # what came of the last of it
        db.session.commit()
    assert count("automation_queue") == 0
    assert effects() == dict.fromkeys(effects(), ROWS)
    assert count("automation_runs WHERE decision <> 'done'") == 0


def test_an_emptied_redis_loses_nothing(alone: Settings) -> None:
    kept, queue._bell = queue._bell, queue._Doorbell()
    queue.init(alone)
    try:
        entered(60)
        queue.ring("outbox")
        Redis.from_url(alone.redis_url).flushall()
        program = [sys.executable, "-m", "crm", "worker"]
        with subprocess.Popen(program, env=environment_of(alone)) as process:
            assert wait_until(lambda: _asked() and not count("automation_queue"), PATIENCE, pause=0.2)
            process.kill()
    finally:
        queue._bell = kept
    assert effects() == dict.fromkeys(effects(), 60)


def _asked() -> bool:
    """As the schedule does it."""
    return queue.enqueue("automation.tick", queue="outbox", key="automation.tick")
