"""Two who claim at one moment, limits that are counted under way, and a worker that is killed in the middle of a night:
real connections, real processes."""

import datetime as dt
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from crm.config import Settings
from crm.domain.customers import actions as customers
from crm.domain.customers.models import Customer
from crm.domain.customers.pool_rules import Rule
from crm.domain.people import actions as people
from crm.domain.people.actions import SYSTEM
from crm.domain.people.models import Person
from crm.domain.pool import ruling, running
from crm.domain.pool.moving import claim
from crm.infra import clock
from crm.infra.db import db, engine_options
from crm.infra.embedded.process import spawn, wait_until
from crm.jobs.pool import sweep
from crm.kernel.access import unscoped
from crm.kernel.company import company
from crm.kernel.errors import Invalid, RuleBroken
from tests.databases import migrated_database
from tests.jobs.test_import_faults import environment_of

ROWS = 3_000  # fifteen batches


@pytest.fixture
def alone(settings: Settings) -> Iterator[tuple[Flask, Settings]]:
    """An app of its own with a database of its own, whose transactions are real."""
    with migrated_database(settings, "pool_faults") as own:
        app = Flask("tests.jobs.pool_faults")
        app.config["SQLALCHEMY_DATABASE_URI"] = own.database_url
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(6)
        db.init_app(app)
        with app.app_context():
            people.create_person(SYSTEM, email="boss@example.com", name="Boss", role="administrator")
            db.session.commit()
            yield app, own
            db.session.remove()
            db.engine.dispose()


def somebody(name: str) -> Person:
    person = people.create_person(SYSTEM, email=f"{name}@example.com", name=name, role="sales_rep")
    db.session.commit()
    return person


def pooled(person: Person, *names: str, **more: Any) -> list[int]:
    ids = customers.create_many(person.actor, [{"name": each} for each in names])
    change = update(Customer).where(Customer.id.in_(ids)).values(owner_id=None, **more)
    with unscoped("a test puts them there"):
        db.session.execute(change.execution_options(synchronize_session=False))
    db.session.commit()
    return ids


def owners(ids: list[int]) -> list[int | None]:
    with unscoped("a test looks at everything"):
        return list(db.session.scalars(select(Customer.owner_id).where(Customer.id.in_(ids)).order_by(Customer.id)))


def at_once(app: Flask, *deeds: Any) -> list[str]:
    """What each is told, "" where it went well."""
    ready, told = threading.Barrier(len(deeds)), [""] * len(deeds)

    def run(at: int) -> None:
        with app.app_context():
            try:
                deeds[at](ready)
                db.session.commit()
            except (RuleBroken, Invalid) as problem:
                told[at] = problem.message
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(deeds))]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
        assert not each.is_alive()
    return told


def claiming(person_id: int, customer_id: int) -> Any:
    def deed(ready: threading.Barrier) -> None:
        actor = db.session.get_one(Person, person_id).actor
        one = db.session.scalars(Customer.visible_to(actor).where(Customer.id == customer_id)).one()
        ready.wait(60)
        claim(actor, one)

    return deed


def test_of_those_who_claim_at_one_moment_one_gets_it(alone: tuple[Flask, Settings]) -> None:
    who = [somebody(name).id for name in ("one", "two", "three")]
    (id_,) = pooled(db.session.get_one(Person, who[0]), "Wanted")
    told = at_once(alone[0], *(claiming(each, id_) for each in who))
    assert sorted(bool(each) for each in told) == [False, True, True]
    assert all("quicker" in each for each in told if each)
    assert owners([id_]) == [who[told.index("")]]


@pytest.mark.parametrize("rule", [Rule(claims=2), Rule(most=2)], ids=["claims", "held"])
def test_a_limit_holds_for_what_is_taken_at_one_moment(alone: tuple[Flask, Settings], rule: Rule) -> None:
    """One person with many windows open."""
    me = somebody("me")
    ids = pooled(me, "A", "B", "C", "D")
    ruling.save(SYSTEM, None, rule)
    db.session.commit()
    told = at_once(alone[0], *(claiming(me.id, each) for each in ids))
    assert (told.count(""), sum(each is not None for each in owners(ids))) == (2, 2)


def test_a_worker_killed_in_the_night_leaves_nothing_by_half(alone: tuple[Flask, Settings]) -> None:
    app, settings = alone
    ruling.save(SYSTEM, None, Rule(days=30, warned_days=0))
    owner = somebody("owner")
    with clock.frozen(clock.now() - dt.timedelta(days=100)):
        ids = customers.create_many(owner.actor, [{"name": f"公司{n}"} for n in range(ROWS)])
    running.begin(company.today())
    db.session.commit()
    worker = spawn(
        [sys.executable, "-c", "from crm.jobs.pool import sweep; sweep()"],
        orphaned=signal.SIGKILL,
        env=environment_of(settings),
        output=(settings.instance / "pool-worker.log").open("ab"),
    )

    def under_way() -> Any:
        db.session.rollback()
        run = running.last_run()
        return run if run and run.returned else None

    assert wait_until(under_way, 60, pause=0.01)
    worker.kill()
    worker.wait()
    db.session.rollback()
    assert running.last_run().finished_at is None, "It was over before it could be killed: give it more rows."  # type: ignore[union-attr]
    sweep()
    run = running.last_run()
    assert run is not None and (run.total, run.returned, run.finished_at is not None) == (ROWS, ROWS, True)
    assert owners(ids) == [None] * ROWS
    told = "SELECT count(DISTINCT subject_id) || '/' || count(*) FROM events WHERE name = 'customer.returned'"
    assert db.session.scalar(text(told)) == f"{ROWS}/{ROWS}"
    notices = text("SELECT count(*) FROM notifications WHERE kind = 'pooled'")
    assert db.session.scalar(notices) == ROWS
