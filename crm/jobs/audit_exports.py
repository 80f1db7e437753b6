"""Files of the audit log, one after the other, written with the rights and in the language of whoever asked."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from flask import current_app, g

from crm.config import Settings
from crm.domain.audit import exports, queries
from crm.domain.audit.models import LogExport
from crm.infra.db import db
from crm.infra.news import Herald
from crm.infra.storage import storage_for
from crm.jobs.base import alone, commit, job, should_stop
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import Event
from crm.kernel.language import naming, reading
from crm.web import audit_file


class _Stopped(Exception):
    """The worker has to end: the next one begins the file again."""


@job
def write_exports() -> int:
    """Write every file that is waited for; returns how many."""
    done = 0
    with alone("export of the log") as ours:
        while ours and not should_stop() and (export := exports.next_waiting()) is not None:
            done += _write(export.id)
            db.session.rollback()
    return done


@job
def forget() -> None:
    """Files that were there for a day."""
    storage = storage_for(current_app.config["SETTINGS"])
    while not should_stop() and (key := exports.forget_next()) is not None:
        if key:
            storage.delete(key)  # before the commit: a file that stays behind would never be found again
        commit()


def _write(export_id: int) -> bool:
    settings: Settings = current_app.config["SETTINGS"]
    with current_app.test_request_context():  # what the pages tell is told by asking who reads it
        export, herald = db.session.get_one(LogExport, export_id), Herald(settings)
        try:
            g.settings, (g.person, g.actor) = settings, exports.taken_up(export)
            commit()  # also that it was tried
            g.language = g.person.language or settings.language
            reading.set(g.language)
            naming.set(g.actor.shape)
            exports.finish(export, storage_key=_stored(export, herald))
        except _Stopped:
            return False
        except (Invalid, RuleBroken) as problem:
            exports.finish(export, problem=RuleBroken(problem.message, **problem.params))
        commit()
        herald.tell(f"log-export:{export_id}")
    return True


def _stored(export: LogExport, herald: Herald) -> str:
    with tempfile.TemporaryDirectory(prefix="crm-log-") as folder:
        path = Path(folder) / f"log.{export.suffix}"
        audit_file.write(str(path), export.suffix, _batches(export, herald))
        with path.open("rb") as file:
            return storage_for(g.settings).put(file, suffix=path.suffix).key


def _batches(export: LogExport, herald: Herald) -> Iterator[Sequence[Event]]:
    """Each read in a transaction of its own."""
    for events in queries.batches(g.actor, export.asked):
        yield events
        if should_stop():
            raise _Stopped
        export.written += len(events)
        commit()
        herald.tell(f"log-export:{export.id}")
