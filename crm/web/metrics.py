"""Numbers for Prometheus, in its text format (https://prometheus.io/docs/instrumenting/exposition_formats/). Labels are
names of routes, jobs, queues and kinds: few, and nobody's."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from crm.domain.system import slowness
from crm.domain.system.looking import Standing
from crm.domain.system.models import SystemHour
from crm.domain.system.troubles import troubles
from crm.infra.numbers import BOUNDS, JOB, REQUEST, SIGN_IN

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_TOLD_BOUNDS = (0.025, 0.1, 0.3, 1, 2.5, 10)  # of BOUNDS: fewer lines, and who needs more looks at the system page
_ESCAPED = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})

Sample = tuple[str, dict[str, str], float]  # what follows the name of the family, labels, value


@dataclass(frozen=True)
class Family:
    name: str
    type: str
    help: str
    samples: Iterable[Sample]


def text_of(families: Iterable[Family]) -> str:
    return "".join(line for each in families for line in _lines(each))


def _lines(family: Family) -> Iterator[str]:
    yield f"# HELP {family.name} {family.help}\n# TYPE {family.name} {family.type}\n"
    for suffix, labels, value in family.samples:
        told = ",".join(f'{key}="{each.translate(_ESCAPED)}"' for key, each in labels.items())
        yield f"{family.name}{suffix}{f'{{{told}}}' if told else ''} {value:.10g}\n"


def families(standing: Standing) -> Iterator[Family]:
    rows = slowness.totals()
    yield from _counted(rows)
    yield from _gauges(standing)
    yield from _waiting(standing)
    base = slowness.database()
    yield _one("crm_database_bytes", "Size of the database.", base.bytes)
    yield _one("crm_database_connections", "Connections to the database, of all processes.", base.connections)


def _counted(rows: Sequence[SystemHour]) -> Iterator[Family]:
    requests = [each for each in rows if each.what == REQUEST]
    yield Family(
        "crm_requests_total",
        "counter",
        "Requests answered.",
        [("", _route(each) | {"status": each.outcome}, each.count) for each in requests],
    )
    yield Family("crm_request_seconds", "histogram", "How long requests took.", _histograms(requests))
    yield Family(
        "crm_request_database_seconds_total",
        "counter",
        "How long of that the database was waited for.",
        [("", _route(each) | {"status": each.outcome}, each.database_seconds) for each in requests],
    )
    jobs = [each for each in rows if each.what == JOB]
    labels = [{"job": each.name, "outcome": each.outcome} for each in jobs]
    counts = [("", own, each.count) for own, each in zip(labels, jobs, strict=True)]
    yield Family("crm_jobs_total", "counter", "Jobs that ended: done, failed, or killed.", counts)
    seconds = [("", own, each.seconds) for own, each in zip(labels, jobs, strict=True)]
    yield Family("crm_job_seconds_total", "counter", "How long jobs took.", seconds)
    entered = [each for each in rows if each.what == SIGN_IN]
    signed_in = [("", {"asked": each.name, "outcome": each.outcome}, each.count) for each in entered]
    yield Family("crm_sign_ins_total", "counter", "Sign-ins: ok, or refused for a password or a code.", signed_in)


def _route(row: SystemHour) -> dict[str, str]:
    return {"route": row.name, "method": row.method}


def _histograms(requests: Sequence[SystemHour]) -> Iterator[Sample]:
    together: dict[tuple[str, str], list[SystemHour]] = {}
    for each in requests:
        together.setdefault((each.name, each.method), []).append(each)
    for rows in together.values():
        labels = _route(rows[0])
        buckets = [sum(column) for column in zip(*(each.buckets for each in rows), strict=True)]
        for bound in _TOLD_BOUNDS:
            within = sum(buckets[: BOUNDS.index(bound) + 1])
            yield "_bucket", labels | {"le": f"{bound:g}"}, within
        yield "_bucket", labels | {"le": "+Inf"}, sum(buckets)
        yield "_sum", labels, sum(each.seconds for each in rows)
        yield "_count", labels, sum(buckets)


def _gauges(standing: Standing) -> Iterator[Family]:
    kinds = ("web", "worker", "scheduler")
    alive = [("", {"kind": kind}, len(standing.alive(kind))) for kind in kinds]
    yield Family("crm_processes_alive", "gauge", "Processes that were heard within a minute and a half.", alive)
    web = [each.gauges for each in standing.alive("web")]
    for gauge, help_ in (
        ("streams", "Live streams open."),
        ("pool_size", "Database connections web processes keep."),
        ("pool_used", "Of them those in use."),
    ):
        yield _one(f"crm_web_{gauge}", help_, sum(each.get(gauge, 0) for each in web))
    found = troubles(standing)
    states = [("", {"state": word}, sum(each.red == red for each in found)) for word, red in _STATES]
    yield Family("crm_troubles", "gauge", "What is wrong, as the system page lists it.", states)
    yield _one("crm_redis_up", "Whether Redis answers.", standing.queues is not None)
    yield _one("crm_disk_free_bytes", "Free on the disk of the instance folder.", standing.disk.free)
    yield _one("crm_disk_bytes", "Size of the disk of the instance folder.", standing.disk.total)


_STATES = (("red", True), ("amber", False))


def _waiting(standing: Standing) -> Iterator[Family]:
    queues, outboxes, now = standing.queues or (), standing.outboxes, standing.now

    def age(oldest: Any) -> float:
        return max(0.0, (now - oldest).total_seconds()) if oldest else 0.0

    for kind, name, each in (("queue", "queue", queues), ("outbox", "outbox", outboxes)):
        counts = [("", {name: one.name}, one.waiting) for one in each]
        yield Family(f"crm_{kind}_waiting", "gauge", f"What waits, by {kind}.", counts)
        ages = [("", {name: one.name}, age(one.oldest)) for one in each]
        yield Family(f"crm_{kind}_oldest_seconds", "gauge", f"Since when the oldest waits, by {kind}.", ages)
    done = [("", {"job": job.job}, job.done_at.timestamp()) for job in standing.jobs.values() if job.done_at]
    yield Family("crm_job_last_done_timestamp_seconds", "gauge", "When a job went well the last time.", done)


def _one(name: str, help_: str, value: float) -> Family:
    return Family(name, "gauge", help_, [("", {}, value)])
