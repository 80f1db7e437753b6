"""What is wrong, judged by how things stand, and telling administrators once when something is red and once when it is
well again. What each is called and what to do about it is in crm/web/system_words.py."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select

from crm.domain.notifications.actions import Kind, News, notify
from crm.domain.people.queries import administrators
from crm.domain.system.looking import Outbox, Standing
from crm.domain.system.models import SystemTrouble
from crm.infra import clock
from crm.infra.db import db
from crm.infra.numbers import DONE

STARTING = dt.timedelta(minutes=3)  # in which processes may come one after the other
LATE = dt.timedelta(hours=1)
MISSED = dt.timedelta(days=2)
FULL, LOW = 5.0, 10.0  # percent of the disk that are free
_WELL_AGAIN = FULL + 1  # else one that comes and goes about FULL is told every minute
_TOLD_LATE = ("deliveries", "mails", "webhooks", "automation")  # the others are long work, not outboxes


@dataclass(frozen=True)
class Trouble:
    """`about` is what of its kind: an outbox, a job, a kind of process."""

    kind: str
    about: str = ""
    red: bool = True


def troubles(standing: Standing) -> list[Trouble]:
    """The red ones first."""
    found = [*_processes(standing), *_outboxes(standing), *_work(standing), *_around(standing)]
    return sorted(found, key=lambda each: not each.red)


def _processes(standing: Standing) -> Iterator[Trouble]:
    young = standing.now - standing.watched_since < STARTING
    for kind in ("worker", "scheduler"):
        if not standing.alive(kind):
            yield Trouble("none_alive", kind, red=not young)
    gone = {each.kind for each in standing.missing() if standing.alive(each.kind)}
    yield from (Trouble("gone", kind, red=False) for kind in sorted(gone))


def _outboxes(standing: Standing) -> Iterator[Trouble]:
    for each in standing.outboxes:
        if each.name in _TOLD_LATE and each.oldest is not None and standing.now - each.oldest > LATE:
            yield Trouble("late", each.name, red=not _goes_out(standing, each))
        if each.given_up:
            yield Trouble("given_up", each.name, red=False)


def _goes_out(standing: Standing, outbox: Outbox) -> bool:
    """One mail that is not taken is no outage as long as others are."""
    sent = standing.mail_sent_at
    return outbox.name == "mails" and sent is not None and standing.now - sent < LATE


def _work(standing: Standing) -> Iterator[Trouble]:
    for each in standing.schedule:
        if each["next"] is not None and standing.now - standing.watched_since > MISSED:
            job = standing.jobs.get(each["job"])
            if job is None or job.done_at is None or standing.now - job.done_at > MISSED:
                yield Trouble("missed", each["job"])
    for job in standing.jobs.values():
        if job.failures and job.outcome != DONE:
            yield Trouble("failing", job.job, red=False)


def _around(standing: Standing) -> Iterator[Trouble]:
    if standing.disk.percent < LOW:
        yield Trouble("disk", red=standing.disk.percent < FULL)
    if standing.queues is None:
        yield Trouble("redis", red=False)
    if standing.errors_lately:
        yield Trouble("errors", red=False)


def tell(standing: Standing) -> None:
    """In the transaction under way; one process at a time, as the lock of the watch has it."""
    red = {(each.kind, each.about) for each in troubles(standing) if each.red}
    known = db.session.scalars(select(SystemTrouble).where(SystemTrouble.ended_at.is_(None))).all()
    if any(each.kind == "disk" for each in known) and standing.disk.percent < _WELL_AGAIN:
        red.add(("disk", ""))
    for trouble in known:
        if (trouble.kind, trouble.about) not in red:
            trouble.ended_at = max(clock.now(), trouble.began_at)
            _notify(Kind.SYSTEM_WELL, trouble)
    for kind, about in sorted(red - {(each.kind, each.about) for each in known}):
        trouble = SystemTrouble(kind=kind, about=about, began_at=clock.now())
        db.session.add(trouble)
        db.session.flush()
        _notify(Kind.SYSTEM_TROUBLE, trouble)


def _notify(kind: Kind, trouble: SystemTrouble) -> None:
    table = SystemTrouble.__tablename__
    notify(kind, [News(each, table, trouble.id, str(trouble.id)) for each in administrators()])
