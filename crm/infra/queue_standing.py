"""What waits in Redis and what is worked on, for whoever looks after the system. Read, never believed: the truth of all
work is in the database."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.registry import StartedJobRegistry
from rq.serializers import JSONSerializer

from crm.infra import queue

log = structlog.get_logger(__name__)
JOB_NAMES = {path: name for name, path in queue.JOBS.items()}


@dataclass(frozen=True)
class QueueStanding:
    name: str
    waiting: int
    oldest: dt.datetime | None
    running: Sequence[tuple[str, dt.datetime | None]]  # job, since when


def standing() -> Sequence[QueueStanding] | None:
    """One for each queue; None while Redis does not answer."""
    redis = queue.doorbell()
    if redis is None:
        return None
    try:
        return [_of(name, redis) for name in queue.QUEUES]
    except RedisError as error:
        log.info("queue.unreachable", error=type(error).__name__)
        return None


def answers() -> bool:
    try:
        return (redis := queue.doorbell()) is not None and bool(redis.ping())
    except RedisError:
        return False


def _of(name: str, redis: Redis) -> QueueStanding:
    waiting = Queue(name, connection=redis, serializer=JSONSerializer)
    oldest = [job for each in waiting.get_job_ids(0, 1) if (job := _job(each, redis)) is not None]
    started = StartedJobRegistry(name, connection=redis, serializer=JSONSerializer).get_job_ids(cleanup=False)
    running = [job for each in started if (job := _job(each, redis)) is not None]
    return QueueStanding(
        name,
        waiting.count,
        oldest[0].enqueued_at if oldest else None,
        [(JOB_NAMES.get(each.func_name, each.func_name), each.started_at) for each in running],
    )


def _job(id_: str, redis: Redis) -> Job | None:
    try:
        return Job.fetch(id_, connection=redis, serializer=JSONSerializer)
    except NoSuchJobError:  # done in the meantime
        return None
