"""The table of periodic jobs, and the loop that walks it."""

import datetime as dt
import importlib
import threading
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from crm.config import Settings
from crm.infra import queue
from crm.infra.embedded.process import wait_until
from crm.infra.redis import connect
from crm.jobs import schedule
from crm.jobs.schedule import SCHEDULE, Periodic

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def redis(settings: Settings) -> Iterator[Redis]:
    redis = connect(settings)
    redis.flushdb()
    kept, queue._bell = queue._bell, queue._Doorbell()
    queue.init(settings)
    yield redis
    redis.flushdb()
    queue._bell = kept


def descriptions(redis: Redis, name: str) -> list[str]:
    return [job.description for job in Queue(name, connection=redis, serializer=JSONSerializer).jobs]


def test_intervals_ring_at_once_and_a_waiting_wish_is_not_added_to(redis: Redis) -> None:
    ended = threading.Event()
    table = [
        Periodic("outbox.empty", "outbox", every=0.01),
        Periodic("imports.sweep", "bulk", every=0.01),
        Periodic("housekeeping.tidy", "outbox", cron="0 3 1 1 *"),
    ]
    walking = threading.Thread(target=schedule.run, args=(table, SHANGHAI, ended))
    walking.start()
    try:
        taken = set()
        for _ in range(3):
            assert wait_until(lambda: redis.llen("rq:queue:outbox") == 1 == redis.llen("rq:queue:bulk"), 30)
            assert (descriptions(redis, "outbox"), descriptions(redis, "bulk")) == (["outbox.empty"], ["imports.sweep"])
            taken.add(redis.lpop("rq:queue:outbox"))
            redis.lpop("rq:queue:bulk")
    finally:
        ended.set()
        walking.join()
    assert len(taken) == 3


def test_a_cron_line_is_read_in_the_zone_of_the_company() -> None:
    nightly = Periodic("housekeeping.tidy", "outbox", cron="20 3 * * *")
    assert nightly.wait(dt.datetime(2026, 5, 1, 3, 0, tzinfo=SHANGHAI)) == 20 * 60


def test_a_turn_just_taken_is_not_found_again() -> None:
    nightly = Periodic("housekeeping.tidy", "outbox", cron="20 3 * * *")
    early = dt.datetime(2026, 5, 1, 3, 19, 59, 990_000, tzinfo=SHANGHAI)
    assert nightly.wait(early) > 86_000


def test_everything_that_can_be_asked_for_exists() -> None:
    for path in queue.JOBS.values():
        module, _, name = path.rpartition(".")
        assert callable(getattr(importlib.import_module(module), name))
    assert {entry.job for entry in SCHEDULE} | set(queue.QUEUES.values()) <= set(queue.JOBS)
    assert {entry.queue for entry in SCHEDULE} <= set(queue.QUEUES)
