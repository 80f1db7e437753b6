"""What happens by the clock: one table, and the process that walks it.

The process only rings; the work is done by workers. Two schedulers running at once do no harm, since a
wish that still waits is not added twice.
"""

import datetime as dt
import signal
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from croniter import croniter

from crm.config import Settings
from crm.infra import clock, queue
from crm.jobs.pulse import Pulse, engine_of


@dataclass(frozen=True)
class Periodic:
    """A job of queue.JOBS, every so many seconds or by a cron line in the company's time zone."""

    job: str
    queue: str
    every: float = 0
    cron: str = ""

    def wait(self, now: dt.datetime) -> float:
        """Seconds from now to its next turn."""
        if self.cron:
            moment = now + dt.timedelta(seconds=1)  # a clock a little behind must not find the turn just taken
            return (croniter(self.cron, moment).get_next(dt.datetime) - now).total_seconds()
        return self.every


SCHEDULE = (
    Periodic("outbox.empty", "outbox", every=5),  # what a lost ring left, and deliveries put off
    Periodic("access.end", "outbox", every=60),
    Periodic("bulk.sweep", "changes", every=5),
    Periodic("handover.sweep", "changes", every=5),
    Periodic("undoing.sweep", "changes", every=5),
    Periodic("undoing.forget", "bulk", cron="45 3 * * *"),
    Periodic("imports.sweep", "bulk", every=5),  # what a lost ring or a killed worker left
    Periodic("exports.write_waiting", "bulk", every=30),  # what a lost ring or a killed worker left
    Periodic("exports.ask_regularly", "bulk", every=60),
    Periodic("reports.send_due", "outbox", every=60),
    Periodic("exports.forget", "bulk", every=3600),
    Periodic("fields.build_indexes", "bulk", every=5),
    Periodic("fields.encrypt_anew", "bulk", every=30),  # what a lost ring or a killed worker left
    Periodic("leads.score_anew", "bulk", every=30),  # what a lost ring or a killed worker left
    Periodic("imports.purge_old", "bulk", cron="40 3 * * *"),
    Periodic("housekeeping.purge_bins", "outbox", cron="50 3 * * *"),
    Periodic("housekeeping.tidy", "outbox", cron="20 3 * * *"),
    Periodic("mail.send", "outbox", every=15),  # what a lost ring or a killed worker left, and what was put off
    Periodic("notifications.gather", "outbox", every=300),
    Periodic("system.count_months", "bulk", cron="30 4 * * *"),
    Periodic("system.forget", "outbox", cron="55 3 * * *"),
    Periodic("tasks.remind", "outbox", every=30),
    Periodic("tasks.birthdays", "outbox", cron="0 7-21 * * *"),  # once each; whoever was off at seven catches up
    Periodic("tasks.forget_files", "outbox", every=900),
    Periodic("pool.sweep", "bulk", every=60),  # what a lost ring or a killed worker left
    Periodic("pool.nightly", "bulk", cron="15 1 * * *"),  # as crm/domain/pool/due.py says
    Periodic("rfm.sweep", "bulk", every=60),  # what a lost ring or a killed worker left
    Periodic("rfm.nightly", "bulk", cron="30 2 * * *"),
    Periodic("sla.escalate", "outbox", every=30),
    Periodic("sla.reckon_anew", "bulk", every=60),  # what a lost ring or a killed worker left
    Periodic("duplicates.sweep", "bulk", every=60),  # what a lost ring or a killed worker left
    Periodic("duplicates.forget", "outbox", cron="30 3 * * *"),
    Periodic("automation.tick", "outbox", every=15),
    Periodic("automation.forget", "bulk", cron="25 3 * * *"),
    Periodic("webhooks.send", "outbox", every=5),  # what a lost ring left, and what is tried again
    Periodic("webhooks.forget", "bulk", cron="35 3 * * *"),
    Periodic("quality.count", "bulk", cron="5 2 * * *"),
    Periodic("quality.remind", "outbox", every=300),
    Periodic("backups.make_nightly", "bulk", cron="20 0 * * *"),
    Periodic("audit.seal", "outbox", every=15),
    Periodic("audit.make_months", "outbox", every=6 * 3600),
    Periodic("audit.anchor", "outbox", cron="50 23 * * *"),
    Periodic("audit.check_waiting", "bulk", every=60),  # what a lost ring left
    Periodic("audit.write_exports", "bulk", every=60),  # what a lost ring left
    Periodic("audit.forget_exports", "bulk", every=3600),
    Periodic("audit.check_nightly", "bulk", cron="10 4 * * *"),
)


def main(settings: Settings) -> None:
    """Ring what is due until SIGTERM or SIGINT."""
    ended = threading.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: ended.set())
    queue.init(settings)
    zone = ZoneInfo(settings.timezone)
    pulse = Pulse("scheduler", engine_of(settings), lambda: {"schedule": told(SCHEDULE, zone)})
    beating = pulse.start(ended)
    run(SCHEDULE, zone, ended)
    beating.join(5)


def told(schedule: Sequence[Periodic], zone: ZoneInfo) -> list[dict[str, Any]]:
    """What the system page shows of it: job, queue, seconds between turns or none, the next turn of a cron line."""
    now = clock.now().astimezone(zone)
    return [
        {
            "job": each.job,
            "queue": each.queue,
            "every": each.every,
            "next": (now + dt.timedelta(seconds=each.wait(now))).isoformat() if each.cron else None,
        }
        for each in schedule
    ]


def run(schedule: Sequence[Periodic], zone: ZoneInfo, ended: threading.Event) -> None:
    """Intervals begin with a turn at once, since a crash may have left work; cron lines wait for theirs."""
    due = {each: time.monotonic() + (each.wait(clock.now().astimezone(zone)) if each.cron else 0) for each in schedule}
    while not ended.is_set():
        for each in schedule:
            if due[each] <= time.monotonic():
                queue.enqueue(each.job, queue=each.queue, key=each.job)
                due[each] = time.monotonic() + each.wait(clock.now().astimezone(zone))
        ended.wait(max(0.0, min(due.values()) - time.monotonic()))
