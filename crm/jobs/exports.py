"""Files of lists, one after the other, each of one moment, with the rights and in the language of whoever asked."""

import time

from flask import current_app, g
from sqlalchemy import update

from crm.config import Settings
from crm.domain.exports import actions, regular, rows
from crm.domain.exports.models import Export
from crm.domain.exports.queries import next_waiting
from crm.infra.db import db
from crm.infra.news import Herald
from crm.infra.storage import Stored, storage_for
from crm.jobs.base import alone, commit, each_in_transaction, job, should_stop, when
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.language import naming, reading
from crm.web import export_file

_EVERY = 0.5  # seconds between two notes of how far it is


class _Stopped(Exception):
    """The worker has to end: the next one begins the file again."""


@when(next_waiting)
@job
def write_waiting() -> int:
    """Write every file that is waited for; returns how many."""
    done = 0
    with alone("exports") as ours:
        while ours and not should_stop() and (export := next_waiting()) is not None:
            done += _write(export.id)
            db.session.rollback()
    return done


@job
def ask_regularly() -> None:
    """What has come due, and then the files."""
    if each_in_transaction(regular.ask_next):
        write_waiting()


@job
def forget() -> None:
    """Files that were there long enough."""
    storage = storage_for(current_app.config["SETTINGS"])
    while not should_stop() and (key := actions.forget_next()) is not None:
        storage.delete(key)  # before the commit: a file that stays behind would never be found again
        commit()


def _write(export_id: int) -> bool:
    settings: Settings = current_app.config["SETTINGS"]
    with current_app.test_request_context():  # what the pages tell is told by asking who reads it
        g.settings, herald = settings, Herald(settings)
        export = db.session.get_one(Export, export_id)
        _forget_draft(export, settings)
        try:
            actions.taken_up(export)
            commit()  # also that it was tried
            actions.finish(*_written(export_id, herald))
        except _Stopped:
            actions.put_back(export)
            commit()
            return False
        except (Invalid, RuleBroken) as problem:
            db.session.rollback()
            export = db.session.get_one(Export, export_id)
            _forget_draft(export, settings)
            actions.stop(export, RuleBroken(problem.message, **problem.params))
        actions.tell(export)
        commit()
        herald.tell(export.topic)
    return True


def _forget_draft(export: Export, settings: Settings) -> None:
    """What a worker had stored before it died, or before something went wrong, without saying that it is there."""
    if export.draft_key is not None:
        storage_for(settings).delete(export.draft_key)


def _work(export_id: int) -> actions.Work:
    """With the rights of this moment, which is that of the transaction's first question."""
    export = db.session.get_one(Export, export_id, populate_existing=True)
    g.person, g.actor = actions.owner_of(export)
    g.language = g.person.language or g.settings.language
    reading.set(g.language)
    naming.set(g.actor.shape)
    return actions.work_on(export, g.actor)


def _written(export_id: int, herald: Herald) -> tuple[actions.Work, Stored, int, list[str]]:
    """All that is read for the file is read in one transaction, which writes nothing; how far it is is noted beside."""
    rows.one_snapshot()
    work = _work(export_id)
    progress = _Progress(work.export, actions.counted(work), herald)
    try:
        return work, *export_file.stored(work, progress)
    finally:
        db.session.rollback()


class _Progress:
    def __init__(self, export: Export, total: int, herald: Herald) -> None:
        self.id, self.topic, self.herald = export.id, export.topic, herald
        self.noted = 0.0
        self(0, total=total)

    def __call__(self, done: int, **more: int) -> None:
        if should_stop():
            raise _Stopped
        if not more and time.monotonic() - self.noted < _EVERY:
            return
        with db.engine.begin() as connection:
            connection.execute(update(Export).where(Export.id == self.id).values(written=done, **more))
        self.noted = time.monotonic()
        self.herald.tell(self.topic)
