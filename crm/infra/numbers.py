"""What this process has counted and not written down yet: requests, jobs, sign-ins, errors. Memory only.

Whoever serves a request pays a dictionary and a lock for it, never a write: `crm/jobs/pulse.py` takes what there is
every few seconds and writes it down. A process that is killed loses what it has counted since.

Nothing personal comes here: names of routes and jobs, kinds of errors and their places in the code. What an error says
may hold what somebody typed, so it stays in the log.
"""

import datetime as dt
import threading
import time
from bisect import bisect_left
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError

from crm.infra import clock

# Upper bounds in seconds of what took so long; there is one more without a bound.
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2.5, 5, 10, 30, 120, 600)
REQUEST, JOB, SIGN_IN = "request", "job", "sign_in"
DONE, FAILED, KILLED = "done", "failed", "killed"
_PROGRAM = Path(__file__).resolve().parents[1]
_MOST_ERRORS = 200  # kinds and places of errors kept until the next writing; more are a flood that tells nothing new

Key = tuple[str, str, str, str]  # what is counted, its name, method, outcome


@dataclass
class Tally:
    """How often, and how long it took, in seconds; `buckets` counts by BOUNDS."""

    count: int = 0
    seconds: float = 0.0
    database_seconds: float = 0.0
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    slowest: float = -1.0
    slowest_id: str = ""

    def add(self, seconds: float, database_seconds: float, id_: str) -> None:
        self.count += 1
        self.seconds += seconds
        self.database_seconds += database_seconds
        self.buckets[bisect_left(BOUNDS, seconds)] += 1
        if seconds > self.slowest:
            self.slowest, self.slowest_id = seconds, id_

    def merge(self, other: "Tally") -> None:
        self.count += other.count
        self.seconds += other.seconds
        self.database_seconds += other.database_seconds
        self.buckets = [mine + theirs for mine, theirs in zip(self.buckets, other.buckets, strict=True)]
        if other.slowest > self.slowest:
            self.slowest, self.slowest_id = other.slowest, other.slowest_id


@dataclass
class Mishap:
    """Errors of one kind in one place: `at_work` is the route or job of the last, `id` its request's or job's."""

    count: int
    first_at: dt.datetime
    last_at: dt.datetime
    at_work: str
    id: str


@dataclass
class Run:
    """How a job went the last time."""

    begun_at: dt.datetime
    seconds: float
    outcome: str
    queue: str
    error: tuple[str, str] = ("", "")  # kind and place


@dataclass
class Counted:
    tallies: dict[Key, Tally] = field(default_factory=dict)
    mishaps: dict[tuple[str, str], Mishap] = field(default_factory=dict)
    runs: dict[str, list[Run]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.tallies or self.mishaps or self.runs)


@dataclass
class _Book:
    lock: Any = field(default_factory=threading.Lock)
    counted: Counted = field(default_factory=Counted)


_book = _Book()
_here = threading.local()


def note(what: str, name: str, outcome: str, seconds: float = 0.0, *, method: str = "", id_: str = "") -> None:
    """Count one. The time of its database part is what this thread has waited for since `begin`."""
    with _book.lock:
        tally = _book.counted.tallies.setdefault((what, name, method, outcome), Tally())
        tally.add(seconds, getattr(_here, "database", 0.0) if what == REQUEST else 0.0, id_)


def note_error(error: BaseException, at_work: str, id_: str) -> tuple[str, str]:
    """Its kind and place."""
    known, now = (_kind(error), _place(error.__traceback__)), clock.now()
    with _book.lock:
        mishaps = _book.counted.mishaps
        if known in mishaps:
            mishap = mishaps[known]
            mishap.count, mishap.last_at, mishap.at_work, mishap.id = mishap.count + 1, now, at_work, id_
        elif len(mishaps) < _MOST_ERRORS:
            mishaps[known] = Mishap(1, now, now, at_work, id_)
    return known


def note_run(job: str, run: Run) -> None:
    """Runs that went the same way are one, with the last time."""
    note(JOB, job, run.outcome, run.seconds)
    with _book.lock:
        runs = _book.counted.runs.setdefault(job, [])
        runs[:] = [each for each in runs if each.outcome != run.outcome] + [run]


def begin() -> None:
    """A request begins in this thread."""
    _here.database = 0.0


def take() -> Counted:
    """All that was counted; from here on it is counted anew. Also for a process that was forked."""
    with _book.lock:
        taken, _book.counted = _book.counted, Counted()
    return taken


def forget() -> None:
    """In a child: what was counted before the fork is the parent's, and the lock may have been held by a thread."""
    _book.lock, _book.counted = threading.Lock(), Counted()


def give_back(taken: Counted) -> None:
    """It could not be written down: the next time."""
    with _book.lock:
        later = _book.counted
        for key, tally in later.tallies.items():
            taken.tallies.setdefault(key, Tally()).merge(tally)
        for known, mishap in later.mishaps.items():
            if (before := taken.mishaps.get(known)) is not None:
                mishap.count, mishap.first_at = mishap.count + before.count, before.first_at
            taken.mishaps[known] = mishap
        for job, runs in later.runs.items():
            outcomes = {each.outcome for each in runs}
            taken.runs[job] = [each for each in taken.runs.get(job, ()) if each.outcome not in outcomes] + runs
        _book.counted = taken


def _kind(error: BaseException) -> str:
    kind = type(error.orig if isinstance(error, DBAPIError) and error.orig is not None else error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _place(traceback: TracebackType | None) -> str:
    """The last line of ours that it came through."""
    place = ""
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if _PROGRAM in (path := Path(code.co_filename)).parents:
            place = f"crm/{path.relative_to(_PROGRAM).as_posix()}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return place


@event.listens_for(Engine, "before_cursor_execute")
def _asks(*_: Any) -> None:
    _here.asked = time.perf_counter()


@event.listens_for(Engine, "after_cursor_execute")
def _answered(*_: Any) -> None:
    _here.database = getattr(_here, "database", 0.0) + time.perf_counter() - _here.asked
