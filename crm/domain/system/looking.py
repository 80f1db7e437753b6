"""How the program is: what the system page shows, what is measured for Prometheus, what troubles are judged by."""

import datetime as dt
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, text

from crm.config import Settings
from crm.domain.imports.states import WORKING
from crm.domain.system.models import SystemError, SystemJob, SystemProcess
from crm.infra import clock
from crm.infra.db import db
from crm.infra.queue_standing import QueueStanding
from crm.infra.queue_standing import standing as queues_standing
from crm.kernel.events import MAX_ATTEMPTS

STALE = dt.timedelta(seconds=90)  # whoever was not heard of for so long is gone
_STATES = ", ".join(f"'{each}'" for each in WORKING)
# What waits in the database: name → table, which of its rows wait, since when they could have been dealt with.
OUTBOXES = {
    "deliveries": ("deliveries", f"done_at IS NULL AND attempts < {MAX_ATTEMPTS}", "run_at"),
    "mails": ("mails", "state = 'waiting' AND (attempts > 0 OR run_at <= now())", "created_at"),
    "webhooks": ("webhook_deliveries", "run_at IS NOT NULL", "run_at"),
    "automation": ("automation_queue", "true", "run_at"),
    "imports": ("imports", f"state IN ({_STATES}) AND deleted_at IS NULL", "created_at"),
    "import_undos": ("import_undos", "finished_at IS NULL", "created_at"),
    "exports": ("exports", "finished_at IS NULL", "created_at"),
    "bulk_changes": ("bulk_changes", "finished_at IS NULL", "created_at"),
    "handovers": ("handovers", "state <> 'done'", "created_at"),
    "duplicate_searches": ("duplicate_searches", "finished_at IS NULL", "asked_at"),
}
_WAITING = " UNION ALL ".join(
    f"SELECT '{name}' AS name, count(*) AS waiting, min({since}) AS oldest FROM {table} WHERE {waits}"
    for name, (table, waits, since) in OUTBOXES.items()
)
_GIVEN_UP = f"""
    SELECT 'deliveries', count(*) FROM deliveries WHERE done_at IS NULL AND attempts >= {MAX_ATTEMPTS}
    UNION ALL SELECT 'mails', count(*) FROM mails WHERE state = 'failed'"""

_SENT = "SELECT max(sent_at) FROM mails WHERE state = 'sent' AND created_at > now() - interval '2 days'"


@dataclass(frozen=True)
class Outbox:
    name: str
    waiting: int
    oldest: dt.datetime | None  # in the future where it was put off
    given_up: int = 0


@dataclass(frozen=True)
class Disk:
    free: int
    total: int

    @property
    def percent(self) -> float:
        return 100 * self.free / self.total if self.total else 100.0


@dataclass(frozen=True)
class Standing:
    """All of one moment. `queues` is None while Redis does not answer."""

    now: dt.datetime
    processes: Sequence[SystemProcess]
    queues: Sequence[QueueStanding] | None
    jobs: Mapping[str, SystemJob]
    outboxes: Sequence[Outbox]
    disk: Disk
    errors_lately: int  # kinds of errors within the hour
    mail_sent_at: dt.datetime | None

    def alive(self, kind: str) -> list[SystemProcess]:
        return [each for each in self.processes if each.kind == kind and not self.is_gone(each)]

    def is_gone(self, process: SystemProcess) -> bool:
        return self.now - process.heard_at > STALE

    def missing(self) -> list[SystemProcess]:
        """Those gone without a word that no process of their kind on their machine has come for since."""
        come = sorted((each for each in self.processes if not self.is_gone(each)), key=lambda one: one.since)
        lacking = []
        for gone in sorted(filter(self.is_gone, self.processes), key=lambda one: one.heard_at):
            place = (gone.kind, gone.machine)
            heir = next((e for e in come if (e.kind, e.machine) == place and e.since > gone.since), None)
            if heir is None or heir.since < gone.heard_at - STALE:
                lacking.append(gone)
            else:
                come.remove(heir)
        return lacking

    @property
    def schedule(self) -> Sequence[Mapping[str, Any]]:
        """As the scheduler that was heard last says it."""
        said = [each for each in self.processes if each.kind == "scheduler"]
        return max(said, key=lambda one: one.heard_at).gauges.get("schedule", ()) if said else ()

    @property
    def watched_since(self) -> dt.datetime:
        """Since when the program has been running, as far as is known."""
        return min((each.since for each in self.processes if not self.is_gone(each)), default=self.now)


def standing(settings: Settings) -> Standing:
    lately = clock.now() - dt.timedelta(hours=1)
    return Standing(
        now=clock.now(),
        processes=db.session.scalars(select(SystemProcess).order_by(SystemProcess.kind, SystemProcess.since)).all(),
        queues=queues_standing(),
        jobs={each.job: each for each in db.session.scalars(select(SystemJob).order_by(SystemJob.job))},
        outboxes=_outboxes(),
        disk=_disk(settings),
        errors_lately=len(db.session.scalars(select(SystemError.id).where(SystemError.last_at > lately)).all()),
        mail_sent_at=db.session.scalar(text(_SENT)),
    )


def _outboxes() -> list[Outbox]:
    given_up = {name: count for name, count in db.session.execute(text(_GIVEN_UP))}
    rows = db.session.execute(text(_WAITING))
    return [Outbox(row.name, row.waiting, row.oldest, given_up.get(row.name, 0)) for row in rows]


def _disk(settings: Settings) -> Disk:
    """Of the instance folder, where the databases and the files are if they are our own."""
    try:
        used = shutil.disk_usage(settings.instance)
    except OSError:
        return Disk(0, 0)
    return Disk(used.free, used.total)
