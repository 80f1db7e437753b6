"""Most jobs find nothing, day and night: for these no process is made."""

import signal
from dataclasses import replace

import pytest
from rq.utils import import_attribute
from sqlalchemy import text

from crm.infra import embedded, queue
from crm.infra.db import db
from crm.infra.queue import JOBS
from crm.jobs import base, worker
from crm.jobs.pulse import Pulse
from crm.jobs.schedule import SCHEDULE
from tests.infra.conftest import reachable

ASKED = {name: work for name, path in JOBS.items() if hasattr(work := import_attribute(path), "waits")}
DELIVERY = """
    WITH happened AS (
        INSERT INTO events (name, subject_type, subject_id, payload) VALUES ('x', 'x', 1, '{}')
        RETURNING id, occurred_at)
    INSERT INTO deliveries (event_id, occurred_at, reaction, attempts) SELECT id, occurred_at, 'x', 0 FROM happened"""


@pytest.mark.parametrize("name", ASKED)
def test_where_nothing_waits_the_job_finds_nothing(app, name):
    assert base.finds_nothing(ASKED[name])


def test_whatever_the_clock_asks_for_every_few_seconds_can_be_asked_first():
    assert {each.job for each in SCHEDULE if 0 < each.every <= 5} <= ASKED.keys()


def test_what_waits_is_found_and_left_as_it_is(session):
    session.execute(text(DELIVERY))
    session.commit()
    assert not base.finds_nothing(ASKED["outbox.empty"])
    assert session.execute(text("SELECT attempts, done_at FROM deliveries")).all() == [(0, None)]


def test_a_job_that_cannot_be_asked_may_have_work(app):
    assert not base.finds_nothing(import_attribute(JOBS["housekeeping.tidy"]))


class Watched(worker.Worker):
    def fork_work_horse(self, job, queue):
        self.made.append(job.func_name)

    def monitor_work_horse(self, job, queue, execution):
        job.delete()


def test_a_process_is_made_for_work_alone(app, session, settings, monkeypatch):
    handlers = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    with reachable() as folder:
        servers = embedded.start(own := replace(settings, instance=folder, redis_url=""), only=["redis"])
        monkeypatch.setattr(queue, "_bell", queue._Doorbell())
        queue.init(applied := servers.applied(own))
        try:
            monkeypatch.setattr(worker, "Worker", Watched)
            monkeypatch.setattr(Watched, "pulse", Pulse("worker", db.engine), raising=False)
            Watched.made = made = []
            for name in ASKED:
                queue.enqueue(name, queue="bulk", key=name)
            worker._worker(applied).work(burst=True, logging_level="WARNING")
            assert made == []
            session.execute(text(DELIVERY))
            session.commit()
            queue.enqueue("outbox.empty", queue="outbox", key="outbox.empty")
            queue.enqueue("bulk.sweep", queue="bulk", key="bulk.sweep")
            worker._worker(applied).work(burst=True, logging_level="WARNING")
            assert made == [JOBS["outbox.empty"]]
        finally:
            servers.stop(adopted=True)
            for each, handler in handlers.items():
                signal.signal(each, handler)
