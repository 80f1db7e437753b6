"""The worker process: takes jobs from Redis, each in a child of its own, for as long as it is allowed to live.

Redis may vanish and come back empty at any moment. A worker then waits for it, and a job under way is
left to finish: its truth is in the database.
"""

import signal
import time
from contextlib import suppress
from types import FrameType
from typing import Any
from uuid import uuid4

import structlog
from redis import Redis
from redis.client import Pipeline
from redis.exceptions import RedisError
from rq import Queue
from rq import Worker as RQWorker
from rq.exceptions import StopRequested
from rq.executions import Execution
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker import WorkerStatus
from sqlalchemy.orm import configure_mappers

from crm.config import Settings
from crm.infra import clock, numbers
from crm.infra.db import db
from crm.infra.embedded.process import end_with_parent
from crm.infra.queue import QUEUES
from crm.infra.queue_standing import JOB_NAMES
from crm.infra.redis import connect
from crm.jobs import base, imports
from crm.jobs.pulse import Pulse

log = structlog.get_logger(__name__)
_PAUSE = 1.0  # seconds before looking again for a Redis that was away


class Worker(RQWorker):
    """RQ's worker, except that a missing Redis is waited for and that jobs may leave early when asked."""

    max_connection_wait_time = 2.0
    log_result_lifespan = False
    stopping = False  # of the process, whichever life the worker is in
    pulse: Pulse  # of the process too

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        Worker.stopping = True
        super().request_stop(signum, frame)

    def _set_ip_address(self, connection: Redis) -> None:
        """Not asked for: the client cannot read the answer when the socket's path has a space."""
        self.ip_address = "unknown"

    def subscribe(self) -> None:
        """Nobody sends commands to a worker, and a thread would not survive the fork."""

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        try:
            super().heartbeat(timeout, pipeline)
        except RedisError as error:
            log.warning("worker.redis_away", error=repr(error))
        if not self._is_horse:
            self.pulse.beat_if_due()

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        try:
            return super().perform_job(job, queue, execution)
        finally:
            if self._is_horse:  # it ends now, and what it has counted with it
                self.pulse.write_down()

    def handle_work_horse_killed(self, job: Job, retpid: int, ret_val: int, rusage: Any) -> None:
        log.error("job.killed", job=job.func_name, job_id=job.id, wait_status=ret_val)
        if job.func_name in JOB_NAMES:
            run = numbers.Run(clock.now(), 0.0, numbers.KILLED, job.origin, (f"wait status {ret_val}", ""))
            numbers.note_run(JOB_NAMES[job.func_name], run)

    def execute_job(self, job: Job, queue: Queue) -> None:
        if self._finds_nothing(job):
            self._execute_here(job, queue)
            return
        if queue.name == "bulk":
            imports.warm()  # here, so that every job forked from now on has it
        super().execute_job(job, queue)

    def _finds_nothing(self, job: Job) -> bool:
        try:
            work = job.func
        except (ImportError, AttributeError, ValueError):  # unknown here: it fails in a process of its own
            return False
        return base.finds_nothing(work)

    def _execute_here(self, job: Job, queue: Queue) -> None:
        """A process costs a hundred times what it takes to find nothing, which most jobs do, day and night."""
        self.perform_job(job, queue, self.prepare_execution(job))
        self.set_state(WorkerStatus.IDLE)

    def handle_warm_shutdown_request(self) -> None:
        """Tell the job too: a long one leaves at its next safe place."""
        base.request_stop()
        if self.horse_pid:
            self.kill_horse(signal.SIGTERM)

    def setup_work_horse_signals(self) -> None:
        numbers.forget()
        end_with_parent(signal.SIGKILL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, base.request_stop)
        with base.app().app_context():
            for engine in db.engines.values():
                engine.dispose(close=False)  # connections of the parent are the parent's

    def maintain_heartbeats(self, job: Job, execution: Execution) -> None:
        try:
            super().maintain_heartbeats(job, execution)
        except RedisError as error:
            log.warning("worker.redis_away", error=repr(error))

    def monitor_work_horse(self, job: Job, queue: Queue, execution: Execution) -> None:
        try:
            super().monitor_work_horse(job, queue, execution)
        except RedisError as error:  # the job has ended; only the note of it is lost
            log.warning("worker.redis_away", error=repr(error))


def main(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT. The job under way is asked to stop and waited for."""
    base.app()  # made before the first fork, so that jobs start fast
    configure_mappers()  # else every job would do it anew, which is most of the work of one that finds nothing
    with base.app().app_context():
        Worker.pulse = Pulse("worker", db.engine)
    Worker.pulse.beat()
    with suppress(StopRequested):  # raised by the signal handler wherever we are
        while not Worker.stopping:
            _live(settings)
    Worker.pulse.end()


def _live(settings: Settings) -> None:
    """One life of an RQ worker, which ends when it is asked to or at the first trouble with Redis."""
    try:
        _worker(settings).work(logging_level="WARNING")
    except RedisError as error:
        log.warning("worker.redis_away", error=repr(error))
    Worker.pulse.beat_if_due()
    if not Worker.stopping:
        time.sleep(_PAUSE)


def _worker(settings: Settings) -> Worker:
    redis = connect(settings)
    options: dict[str, Any] = {"connection": redis, "serializer": JSONSerializer}
    queues = [Queue(name, **options) for name in QUEUES]
    return Worker(
        queues, name=uuid4().hex, worker_ttl=60, job_monitoring_interval=10, log_job_description=False, **options
    )
