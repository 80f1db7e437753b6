"""What every job has: an app, its name on every log line, and transactions that end here and nowhere else."""

import functools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, ParamSpec, TypeVar

import structlog
from flask import Flask, has_app_context
from rq import get_current_job
from rq.job import Job
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from crm.config import Settings
from crm.infra import clock, numbers
from crm.infra.db import db
from crm.infra.queue_standing import JOB_NAMES

P = ParamSpec("P")
R = TypeVar("R")

log = structlog.get_logger(__name__)
_asked_to_stop = threading.Event()
_CONNECTIONS = 4  # a job uses one; others hold locks or leases beside it


@functools.cache
def app() -> Flask:
    """The app of this worker process, made at first need."""
    from crm import create_app

    return create_app(Settings.from_env(), connections=_CONNECTIONS)


def job(work: Callable[P, R]) -> Callable[P, R]:
    """A function that RQ may call by its dotted path.

    It runs in an app context (the caller's, if there is one) with its name and id on every log line.
    It reads and writes through db.session and ends transactions with commit() or each_in_transaction();
    what is uncommitted when it returns or raises is rolled back.
    """
    name = f"{work.__module__.removeprefix('crm.jobs.')}.{work.__name__}"

    @functools.wraps(work)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        current = get_current_job()
        with ExitStack() as stack:
            if not has_app_context():
                stack.enter_context(app().app_context())
            stack.enter_context(structlog.contextvars.bound_contextvars(job=name, job_id=current and current.id))
            with _counted(current, name):
                try:
                    return work(*args, **kwargs)
                except Exception:
                    log.exception("job.failed", arguments=args)
                    raise
                finally:
                    db.session.rollback()

    return run


@contextmanager
def _counted(current: Job | None, name: str) -> Iterator[None]:
    """What a worker runs is counted, for the system page; what a test or a command calls is not."""
    began, begun = clock.now(), time.monotonic()
    outcome, known = numbers.DONE, ("", "")
    try:
        yield
    except Exception as error:
        outcome = numbers.FAILED
        if current is not None:
            known = numbers.note_error(error, name, current.id)
        raise
    finally:
        seconds = time.monotonic() - begun
        log.debug("job.ended", seconds=round(seconds, 3))
        if current is not None and current.func_name in JOB_NAMES:
            numbers.note_run(JOB_NAMES[current.func_name], numbers.Run(began, seconds, outcome, current.origin, known))


def when(waits: Callable[[], object]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """For a job that mostly finds nothing: `waits` asks whether there is anything to do, in a transaction that is
    rolled back. As long as there is not, the worker makes no process for it."""

    def mark(work: Callable[P, R]) -> Callable[P, R]:
        work.waits = waits  # type: ignore[attr-defined]
        return work

    return mark


def finds_nothing(work: object) -> bool:
    """Whether a job that may be asked has nothing to do."""
    waits = getattr(work, "waits", None)
    if waits is None:
        return False
    with ExitStack() as stack:
        if not has_app_context():
            stack.enter_context(app().app_context())
        try:
            return not waits()
        except DBAPIError:
            return False  # let the job meet it
        finally:
            db.session.rollback()


@contextmanager
def alone(work: str) -> Iterator[bool]:
    """Whether no other worker is at this work. A connection of its own holds the lock, which ends with it."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            yield bool(connection.scalar(text("SELECT pg_try_advisory_lock(hashtext(:work))"), {"work": work}))
        finally:
            connection.invalidate()  # closes it, which frees the lock even if the database was away


def commit() -> None:
    """End the transaction of a job, keeping it."""
    db.session.commit()


def each_in_transaction(step: Callable[[], Any]) -> int:
    """Repeat `step`, one transaction each, until it returns something false or the worker has to stop.

    Returns how many steps did something. A step that raises is rolled back and ends the job.
    """
    done = 0
    while not should_stop():
        if not step():
            break
        commit()
        done += 1
    db.session.rollback()
    return done


def should_stop() -> bool:
    """Has the worker been asked to end? A long job then leaves at the next safe place; the sweep resumes it."""
    return _asked_to_stop.is_set()


def request_stop(*_: Any) -> None:
    """Signal handler of the process that runs the job."""
    _asked_to_stop.set()
