"""A real worker beside a real Redis: it outlives Redis, and what a killed one held is taken up again."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Engine

from crm.config import Settings
from crm.infra import embedded, launch, queue
from crm.infra.embedded.process import wait_until
from tests.databases import migrated_database
from tests.infra.conftest import reachable

PATIENCE = 120


@pytest.fixture(scope="module")
def private(settings: Settings) -> Iterator[Settings]:
    """A database and a Redis of this module's own: a worker commits, and these tests kill."""
    with migrated_database(settings, "crm_worker") as made, reachable() as folder:
        yield replace(made, instance=folder, redis_url="")


@pytest.fixture
def redis(private: Settings) -> Iterator[Settings]:
    """Settings with a Redis that runs; the doorbell is connected to it."""
    servers = embedded.start(private, only=["redis"])
    kept, queue._bell = queue._bell, queue._Doorbell()
    queue.init(servers.applied(private))
    yield servers.applied(private)
    queue._bell = kept
    servers.stop(adopted=True)


@pytest.fixture
def database(private: Settings) -> Iterator[Engine]:
    engine = create_engine(private.database_url)
    yield engine
    engine.dispose()


@contextmanager
def worker(settings: Settings) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen([sys.executable, "-m", "crm", "worker"], env=launch._environment(settings))
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def leave_work(database: Engine) -> None:
    """A delivery done long ago, which housekeeping removes."""
    with database.begin() as connection:
        event = connection.execute(
            text("INSERT INTO events (name, subject_type, subject_id, payload) VALUES ('x', 'x', 1, '{}') RETURNING id")
        ).scalar()
        connection.execute(
            text(
                "INSERT INTO deliveries (event_id, occurred_at, reaction, attempts, done_at)"
                " VALUES (:event, now(), 'x', 1, '2020-01-01')"
            ),
            {"event": event},
        )


def work_left(database: Engine) -> int:
    with database.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM deliveries")).scalar_one())


def ask() -> bool:
    return queue.enqueue("housekeeping.tidy", queue="outbox", key="housekeeping.tidy")


def asked_and_done(database: Engine) -> bool:
    """As the schedule does it: ask again until it has happened."""
    return bool(wait_until(lambda: ask() and not work_left(database), PATIENCE, pause=0.2))


def test_a_worker_outlives_redis_and_finds_it_empty(redis: Settings, private: Settings, database: Engine) -> None:
    leave_work(database)
    with worker(redis) as process:
        assert asked_and_done(database)
        (server,) = embedded.start(private, only=["redis"]).processes
        os.kill(server.pid, signal.SIGKILL)
        assert wait_until(lambda: not server.running(), PATIENCE)
        assert not ask()
        shutil.rmtree(private.instance / "redis")
        embedded.start(private, only=["redis"])
        leave_work(database)
        assert asked_and_done(database)
        process.terminate()
        assert process.wait(PATIENCE) == 0


def test_what_a_killed_worker_held_is_done_by_the_next(redis: Settings, database: Engine) -> None:
    leave_work(database)
    with database.begin() as lock:
        lock.execute(text("SELECT * FROM deliveries FOR UPDATE"))
        with worker(redis) as process:
            ask()
            assert wait_until(lambda: jobs_in_the_database(database), PATIENCE)
            process.kill()
            process.wait()
            assert wait_until(lambda: not jobs_in_the_database(database), PATIENCE), "the job outlived its worker"
    assert work_left(database)
    with worker(redis):
        assert asked_and_done(database)


def test_a_worker_asked_to_stop_lets_its_job_leave_at_a_safe_place(redis: Settings, database: Engine) -> None:
    leave_work(database)
    with worker(redis) as process:
        with database.begin() as lock:
            lock.execute(text("SELECT * FROM deliveries FOR UPDATE"))
            ask()
            assert wait_until(lambda: jobs_in_the_database(database), PATIENCE)
            process.terminate()
        assert process.wait(PATIENCE) == 0
    assert not work_left(database)


def jobs_in_the_database(database: Engine) -> int:
    """How many jobs wait there for the lock that a test holds."""
    with database.connect() as connection:
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'DELETE FROM deliv%' AND state = 'active'"
        return int(connection.execute(text(waiting)).scalar_one())
