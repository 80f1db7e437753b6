"""Writing down what processes have counted, and that they live: each in a short transaction of its own, which is no
request's. Rows are taken in one order, so that two processes never wait for each other in a circle."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, delete, func, text
from sqlalchemy.dialects.postgresql import insert

from crm.domain.system.models import EVER, SystemProcess
from crm.infra import clock, json
from crm.infra.numbers import DONE, JOB, Counted

_HOURS = text("""
    INSERT INTO system_hours AS kept
    SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new(
        hour timestamptz, what text, name text, method text, outcome text, count bigint, seconds float,
        database_seconds float, buckets bigint[], slowest float, slowest_id text)
    ORDER BY hour, what, name, method, outcome
    ON CONFLICT (hour, what, name, method, outcome) DO UPDATE SET
        count = kept.count + EXCLUDED.count,
        seconds = kept.seconds + EXCLUDED.seconds,
        database_seconds = kept.database_seconds + EXCLUDED.database_seconds,
        buckets = ARRAY(SELECT coalesce(a, 0) + coalesce(b, 0)
                        FROM unnest(kept.buckets, EXCLUDED.buckets) WITH ORDINALITY AS t(a, b, at) ORDER BY at),
        slowest_id = CASE WHEN EXCLUDED.slowest > kept.slowest THEN EXCLUDED.slowest_id ELSE kept.slowest_id END,
        slowest = greatest(kept.slowest, EXCLUDED.slowest)""")
_ERRORS = text("""
    INSERT INTO system_errors AS kept (kind, place, count, first_at, last_at, at_work, request_id)
    SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new(
        kind text, place text, count bigint, first_at timestamptz, last_at timestamptz, at_work text, id text)
    ORDER BY kind, place
    ON CONFLICT (kind, place) DO UPDATE SET
        count = kept.count + EXCLUDED.count, last_at = EXCLUDED.last_at,
        at_work = EXCLUDED.at_work, request_id = EXCLUDED.request_id""")
_JOBS = text("""
    INSERT INTO system_jobs AS kept
        (job, queue, begun_at, seconds, outcome, done_at, failed_at, failures, error_kind, error_place)
    SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new(
        job text, queue text, begun_at timestamptz, seconds float, outcome text, done_at timestamptz,
        failed_at timestamptz, failures bigint, error_kind text, error_place text)
    ORDER BY job
    ON CONFLICT (job) DO UPDATE SET
        queue = EXCLUDED.queue,
        begun_at = greatest(kept.begun_at, EXCLUDED.begun_at),
        seconds = CASE WHEN EXCLUDED.begun_at >= kept.begun_at THEN EXCLUDED.seconds ELSE kept.seconds END,
        outcome = CASE WHEN EXCLUDED.begun_at >= kept.begun_at THEN EXCLUDED.outcome ELSE kept.outcome END,
        done_at = greatest(kept.done_at, EXCLUDED.done_at),
        failed_at = greatest(kept.failed_at, EXCLUDED.failed_at),
        failures = kept.failures + EXCLUDED.failures,
        error_kind = CASE WHEN EXCLUDED.failures > 0 THEN EXCLUDED.error_kind ELSE kept.error_kind END,
        error_place = CASE WHEN EXCLUDED.failures > 0 THEN EXCLUDED.error_place ELSE kept.error_place END""")


def write_down(connection: Connection, counted: Counted) -> None:
    """In the transaction of this connection; whoever calls ends it."""
    connection.execute(text("SET LOCAL synchronous_commit = off"))  # a power cut may take the last second of it
    for statement, rows in ((_HOURS, _hours(counted)), (_ERRORS, _errors(counted)), (_JOBS, _jobs(counted))):
        if kept := list(rows):
            connection.execute(statement, {"rows": json.dumps(kept)})


def _hours(counted: Counted) -> Iterator[dict[str, Any]]:
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    for (what, name, method, outcome), tally in counted.tallies.items():
        row = {"what": what, "name": name, "method": method, "outcome": outcome} | asdict(tally)
        yield row | {"hour": hour.isoformat()}
        yield row | {"hour": EVER.isoformat()}


def _errors(counted: Counted) -> Iterator[dict[str, Any]]:
    for (kind, place), mishap in counted.mishaps.items():
        moments = {"first_at": mishap.first_at.isoformat(), "last_at": mishap.last_at.isoformat()}
        yield asdict(mishap) | moments | {"kind": kind, "place": place}


def _jobs(counted: Counted) -> Iterator[dict[str, Any]]:
    """One row a job: its last run, and when it went well and wrong the last time."""
    for job, runs in counted.runs.items():
        last = max(runs, key=lambda each: each.begun_at)
        done = [each.begun_at + dt.timedelta(seconds=each.seconds) for each in runs if each.outcome == DONE]
        wrong = [each for each in runs if each.outcome != DONE]
        failed = [each.begun_at + dt.timedelta(seconds=each.seconds) for each in wrong]
        error = wrong[-1].error if wrong else ("", "")
        yield {
            "job": job,
            "queue": last.queue,
            "begun_at": last.begun_at.isoformat(),
            "seconds": last.seconds,
            "outcome": last.outcome,
            "done_at": max(done).isoformat() if done else None,
            "failed_at": max(failed).isoformat() if failed else None,
            "failures": sum(
                tally.count for key, tally in counted.tallies.items() if key[:2] == (JOB, job) and key[3] != DONE
            ),
            "error_kind": error[0],
            "error_place": error[1],
        }


def live(connection: Connection, process: Mapping[str, Any]) -> None:
    """`process`: the columns of a SystemProcess but when it was heard."""
    new = insert(SystemProcess).values(**process, heard_at=func.now())
    again = {"heard_at": func.now(), "gauges": new.excluded.gauges}
    connection.execute(new.on_conflict_do_update(index_elements=[SystemProcess.key], set_=again))


def leave(connection: Connection, key: str) -> None:
    connection.execute(delete(SystemProcess).where(SystemProcess.key == key))
