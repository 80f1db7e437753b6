"""Real workers and a real scheduler: who is killed is seen to be gone, what fails is seen, and again does it again."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from crm import create_app
from crm.config import Settings
from crm.domain.people.actions import SYSTEM
from crm.domain.system import actions, looking, slowness, troubles
from crm.domain.system.models import SystemJob
from crm.infra import clock, embedded, launch, queue
from crm.infra.db import db
from crm.infra.embedded.process import wait_until
from tests.databases import migrated_database
from tests.infra.conftest import reachable

PATIENCE = 120


@pytest.fixture(scope="module")
def private(settings: Settings) -> Iterator[Settings]:
    with migrated_database(settings, "crm_system") as made, reachable() as folder:
        plain = replace(made, instance=folder, redis_url="")
        servers = embedded.start(plain, only=["redis"])
        kept, queue._bell = queue._bell, queue._Doorbell()
        yield servers.applied(plain)
        queue._bell = kept
        servers.stop(adopted=True)


def begun(settings: Settings, what: str) -> "subprocess.Popen[bytes]":
    """As `crm worker` begins it, only that it writes down at every chance what it has counted."""
    quick = (
        f"from crm.jobs import pulse; pulse.EVERY = 0.3; from crm.cli import main; main(['{what}'], prog_name='crm')"
    )
    return subprocess.Popen([sys.executable, "-c", quick], env=launch._environment(settings))


def test_what_is_killed_is_gone_and_what_fails_is_done_again(private: Settings) -> None:
    app = create_app(private)

    def seen(ask: Callable[[], Any]) -> Any:
        with app.app_context():
            try:
                return ask()
            finally:
                db.session.expunge_all()
                db.session.rollback()

    def job(name: str) -> SystemJob | None:
        return db.session.scalar(select(SystemJob).where(SystemJob.job == name))

    def outcome(name: str) -> str:
        found = seen(lambda: job(name))
        return found.outcome if found else ""

    def break_(sentence: str) -> None:
        with app.app_context():
            db.session.execute(text(sentence))
            db.session.commit()

    scheduler = begun(private, "scheduler")
    worker = begun(private, "worker")
    try:
        both = lambda: {each.kind for each in looking.standing(private).processes} == {"worker", "scheduler"}  # noqa: E731
        assert wait_until(lambda: seen(both), PATIENCE, pause=0.2)
        lines = {each["job"]: each for each in seen(lambda: looking.standing(private).schedule)}
        assert lines["mail.send"]["every"] == 15 and lines["pool.nightly"]["next"] > clock.now().isoformat()[:10]
        # A job that finds nothing is done in the worker itself, and told with its next beat.
        assert wait_until(lambda: outcome("mail.send") == "done", PATIENCE, pause=0.2)

        break_("ALTER TABLE drafts RENAME TO drafts_away")  # tidy needs it, in a process of its own
        queue.enqueue("housekeeping.tidy", queue="outbox", key="housekeeping.tidy")
        assert wait_until(lambda: outcome("housekeeping.tidy") == "failed", PATIENCE, pause=0.2)
        failed = seen(lambda: job("housekeeping.tidy"))
        assert (failed.failures, failed.queue, failed.error_kind) == (1, "outbox", "psycopg.errors.UndefinedTable")
        assert failed.error_place.startswith("crm/jobs/housekeeping.py:")
        assert [each.at_work for each in seen(slowness.errors)] == ["housekeeping.tidy"]
        wrong = {(each.kind, each.about) for each in seen(lambda: troubles.troubles(looking.standing(private)))}
        assert ("failing", "housekeeping.tidy") in wrong

        break_("ALTER TABLE drafts_away RENAME TO drafts")
        with app.app_context():
            locked = db.session.scalars(select(SystemJob).where(SystemJob.id == failed.id).with_for_update()).one()
            actions.ask_again(SYSTEM, locked)
            db.session.commit()
        assert wait_until(lambda: outcome("housekeeping.tidy") == "done", PATIENCE, pause=0.2)

        _killed_is_gone(private, seen, worker)
        worker = begun(private, "worker")
        assert wait_until(lambda: seen(lambda: len(looking.standing(private).processes)) == 3, PATIENCE, pause=0.2)
        worker.terminate()  # whoever ends in order is missed by nobody
        assert worker.wait(PATIENCE) == 0
        assert worker.pid not in {each.pid for each in seen(lambda: looking.standing(private).processes)}
    finally:
        for process in (worker, scheduler):
            process.kill()
            process.wait()
        with app.app_context():
            db.engine.dispose()


def _killed_is_gone(private: Settings, seen: Callable[..., Any], worker: "subprocess.Popen[bytes]") -> None:
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    with clock.frozen(clock.now() + 2 * looking.STALE + timedelta(minutes=3)):
        standing = seen(lambda: looking.standing(private))
        assert [each.pid for each in standing.missing() if each.kind == "worker"] == [worker.pid]
        assert not standing.alive("worker")
