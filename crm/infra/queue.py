"""Long work is handed to RQ by name. Redis is a doorbell, never the truth.

Whatever is asked for here also stands in the database, and a sweep asks again for what was lost. So a
Redis that is down costs seconds of delay, never an error in the caller's face.
"""

import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import event
from sqlalchemy.orm import Session

from crm.config import Settings
from crm.infra.db import db
from crm.infra.redis import connect

log = structlog.get_logger(__name__)

# What may be asked for: name → dotted path of the function, imported by workers only.
JOBS = {
    "outbox.empty": "crm.jobs.outbox.empty_outbox",
    "access.end": "crm.jobs.access.end",
    "bulk.sweep": "crm.jobs.bulk.sweep",
    "handover.sweep": "crm.jobs.handover.sweep",
    "exports.write_waiting": "crm.jobs.exports.write_waiting",
    "exports.ask_regularly": "crm.jobs.exports.ask_regularly",
    "reports.send_due": "crm.jobs.reports.send_due",
    "exports.forget": "crm.jobs.exports.forget",
    "imports.sweep": "crm.jobs.imports.sweep",
    "undoing.sweep": "crm.jobs.undoing.sweep",
    "undoing.forget": "crm.jobs.undoing.forget",
    "imports.purge_old": "crm.jobs.imports.purge_old",
    "fields.build_indexes": "crm.jobs.fields.build_indexes",
    "fields.encrypt_anew": "crm.jobs.fields.encrypt_anew",
    "leads.score_anew": "crm.jobs.leads.score_anew",
    "mail.send": "crm.jobs.mail.send_waiting",
    "notifications.gather": "crm.jobs.mail.gather_digests",
    "housekeeping.purge_bins": "crm.jobs.housekeeping.purge_bins",
    "housekeeping.tidy": "crm.jobs.housekeeping.tidy",
    "system.count_months": "crm.jobs.system.count_months",
    "system.forget": "crm.jobs.system.forget",
    "tasks.remind": "crm.jobs.tasks.remind",
    "tasks.birthdays": "crm.jobs.tasks.birthdays",
    "tasks.forget_files": "crm.jobs.tasks.forget_files",
    "pool.sweep": "crm.jobs.pool.sweep",
    "pool.nightly": "crm.jobs.pool.nightly",
    "rfm.sweep": "crm.jobs.rfm.sweep",
    "rfm.nightly": "crm.jobs.rfm.nightly",
    "sla.reckon_anew": "crm.jobs.sla.reckon_anew",
    "sla.escalate": "crm.jobs.sla.escalate",
    "duplicates.sweep": "crm.jobs.duplicates.sweep",
    "duplicates.forget": "crm.jobs.duplicates.forget",
    "automation.tick": "crm.jobs.automation.tick",
    "automation.forget": "crm.jobs.automation.forget",
    "webhooks.send": "crm.jobs.webhooks.send",
    "webhooks.forget": "crm.jobs.webhooks.forget",
    "quality.count": "crm.jobs.quality.count",
    "quality.count_anew": "crm.jobs.quality.count_anew",
    "quality.remind": "crm.jobs.quality.remind",
    "backups.make_nightly": "crm.jobs.backups.make_nightly",
    "audit.seal": "crm.jobs.sealing.seal",
    "audit.make_months": "crm.jobs.sealing.make_months",
    "audit.write_exports": "crm.jobs.audit_exports.write_exports",
    "audit.forget_exports": "crm.jobs.audit_exports.forget",
    "audit.anchor": "crm.jobs.sealing.anchor",
    "audit.check_nightly": "crm.jobs.sealing.check_nightly",
    "audit.check_waiting": "crm.jobs.sealing.check_waiting",
}
# Queues in the order workers look at them, each with the job that looks for waiting work of its kind.
QUEUES = {"outbox": "outbox.empty", "changes": "bulk.sweep", "bulk": "imports.sweep"}
# A job killed after so many seconds; -1: never, it watches itself.
_TIMEOUTS = {"outbox": 600, "changes": -1, "bulk": -1}
_SILENCE = 5.0  # seconds without a further attempt after a failed one, so that a dead Redis slows nobody

# KEYS: the mark, the queue. ARGV: the new job's id. Is the job that the mark names still waiting?
_CLAIM = """
local waiting = redis.call('GET', KEYS[1])
if waiting and redis.call('LPOS', KEYS[2], waiting) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'EX', 86400)
return 1
"""


@dataclass
class _Doorbell:
    redis: Redis | None = None
    silent_until: float = 0.0
    queues: dict[str, Queue] = field(default_factory=dict)


_bell = _Doorbell()


def init(settings: Settings) -> None:
    """Say which Redis to use. Without an address every ring is a wish that the sweep fulfils."""
    _bell.redis = connect(settings, seconds=1, retries=1) if settings.redis_url else None
    _bell.silent_until = 0.0
    _bell.queues.clear()


def doorbell() -> Redis | None:
    """The Redis that is rung, for whoever looks at what waits there."""
    return _bell.redis


def ring(queue: str) -> bool:
    """Wake a worker to look for waiting work of this queue's kind."""
    return enqueue(QUEUES[queue], queue=queue, key=QUEUES[queue])


def ring_later(job: str, queue: str = "outbox") -> None:
    """Ask for a job once the transaction under way is kept."""
    db.session.info.setdefault("asked", set()).add((job, queue))


@event.listens_for(Session, "after_commit")
def _ask(session: Session) -> None:
    if not session.in_nested_transaction():
        for job, queue in sorted(session.info.pop("asked", ())):
            enqueue(job, queue=queue, key=job)


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, previous: object) -> None:
    if not session.in_nested_transaction():
        session.info.pop("asked", None)


def enqueue(job: str, *args: Any, queue: str, key: str) -> bool:
    """Ask for a job of JOBS; `args` must be JSON. True: the wish is on record in Redis.

    While a wish with the same key waits in the queue, asking again adds nothing. Once a worker has
    taken it, asking adds one (it may have looked too early), and that also holds for a worker killed
    in the middle: nothing it left behind is consulted.
    """
    path = JOBS[job]
    if _bell.redis is None or time.monotonic() < _bell.silent_until:
        return False
    try:
        _push(_queue(queue, _bell.redis), path, args, key)
    except RedisError as error:
        _bell.silent_until = time.monotonic() + _SILENCE
        log.warning("queue.unreachable", job=job, key=key, error=repr(error))
        return False
    return True


def _push(queue: Queue, path: str, args: tuple[Any, ...], key: str) -> None:
    identity = uuid4().hex
    if queue.connection.eval(_CLAIM, 2, f"crm:asked:{queue.name}:{key}", queue.key, identity):
        queue.enqueue_call(
            path,
            args=args,
            timeout=_TIMEOUTS[queue.name],
            job_id=identity,
            description=key,
            result_ttl=0,
            failure_ttl=86400,
        )


def _queue(name: str, redis: Redis) -> Queue:
    if name not in _bell.queues:
        _bell.queues[name] = Queue(name, connection=redis, serializer=JSONSerializer)
    return _bell.queues[name]
