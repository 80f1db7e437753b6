"""Lines of the log taken away as a file: asked for by a person, written by a worker, kept for a day."""

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import select

from crm.domain.audit import queries
from crm.domain.audit.events import LogExported
from crm.domain.audit.models import LogExport
from crm.domain.people.models import Person
from crm.domain.people.policy import known
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import RuleBroken
from crm.kernel.events import record
from crm.kernel.permissions import Permission
from crm.kernel.text import N_

MOST = {"csv": 1_000_000, "xlsx": 100_000}  # lines in one file
KEPT = dt.timedelta(days=1)
ATTEMPTS = 4


def ask(actor: Actor, person: Person, asked: Mapping[str, str], suffix: str) -> LogExport:
    most = MOST[suffix]
    count = queries.count(actor, asked, most)
    if count > most:
        raise RuleBroken(
            N_("A file holds at most %(most)s lines of the log: narrow it, by days for example."), most=most
        )
    export = LogExport(asked_by_id=person.id, asked=dict(asked), suffix=suffix, total=count)
    db.session.add(export)
    record(actor, person, LogExported(count, dict(asked)))
    return export


def of(actor: Actor, export_id: int) -> LogExport | None:
    """Whoever asked for a file has it, nobody else."""
    return db.session.scalars(select(LogExport).filter_by(id=export_id, asked_by_id=actor.id)).first()


def next_waiting() -> LogExport | None:
    waiting = select(LogExport).where(LogExport.finished_at.is_(None)).order_by(LogExport.id).limit(1)
    return db.session.scalars(waiting).first()


def taken_up(export: LogExport) -> tuple[Person, Actor]:
    """For whom it is written, with the rights they have now."""
    export.attempts, export.written = export.attempts + 1, 0
    if export.attempts > ATTEMPTS:
        raise RuleBroken(N_("It was tried %(count)s times and got no further."), count=ATTEMPTS)
    found = known(export.asked_by_id)
    if found is None or not found[0].active or not found[1].may(Permission.SYSTEM_AUDIT):
        raise RuleBroken(N_("Whoever asked for it may not read the log any more."))
    return found.person, found.actor


def finish(export: LogExport, *, storage_key: str | None = None, problem: RuleBroken | None = None) -> None:
    export.storage_key, export.finished_at = storage_key, clock.now()
    export.problem = {"message": problem.message, "params": problem.params} if problem else None


def forget_next() -> str | None:
    """Forget one file that is old enough: its key, or "" if it has none; None when none is due."""
    old = select(LogExport).where(LogExport.finished_at < clock.now() - KEPT).order_by(LogExport.id).limit(1)
    export = db.session.scalars(old).first()
    if export is None:
        return None
    db.session.delete(export)
    return export.storage_key or ""
