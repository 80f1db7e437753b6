"""The doorbell: asked twice it rings once, and a Redis that is away never breaks the caller."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from rq import Queue

from crm.config import Settings
from crm.infra import embedded, queue
from crm.infra.redis import connect
from tests.infra.conftest import reachable


@pytest.fixture(scope="module")
def settings() -> Iterator[Settings]:
    with reachable() as folder:
        settings = Settings(instance=folder)
        servers = embedded.start(settings, only=["redis"])
        yield servers.applied(settings)
        servers.stop()


@pytest.fixture
def redis(settings: Settings) -> Iterator[Redis]:
    redis = connect(settings)
    redis.flushall()
    kept, queue._bell = queue._bell, queue._Doorbell()
    queue.init(settings)
    yield redis
    queue._bell = kept


def test_asking_twice_asks_once(redis: Redis) -> None:
    assert queue.enqueue("imports.sweep", 7, queue="bulk", key="import-7")
    assert queue.enqueue("imports.sweep", 7, queue="bulk", key="import-7")
    assert queue.enqueue("imports.sweep", 8, queue="bulk", key="import-8")
    bulk = Queue("bulk", connection=redis, serializer=queue.JSONSerializer)
    assert [job.args for job in bulk.jobs] == [[7], [8]]


def test_a_job_that_was_taken_and_never_finished_does_not_block_the_next(redis: Redis) -> None:
    queue.ring("outbox")
    taken = redis.lpop("rq:queue:outbox")
    assert isinstance(taken, bytes)
    redis.hset(f"rq:job:{taken.decode()}", "status", "started")
    queue.ring("outbox")
    assert redis.llen("rq:queue:outbox") == 1
    assert redis.lindex("rq:queue:outbox", 0) != taken


def test_a_redis_that_is_away_is_silence(settings: Settings, redis: Redis, tmp_path: Path) -> None:
    queue.init(dataclasses.replace(settings, redis_url=f"unix://{tmp_path}/nobody.sock"))
    assert queue.ring("outbox") is False
    queue.init(settings)
    assert queue.ring("outbox") is True


def test_without_an_address_nothing_is_rung(redis: Redis) -> None:
    queue.init(Settings())
    assert queue.ring("outbox") is False


def test_only_known_jobs_can_be_asked_for(redis: Redis) -> None:
    with pytest.raises(KeyError):
        queue.enqueue("os.system", queue="bulk", key="x")
