"""By the clock: reminders of tasks, birthdays of tomorrow, files that nobody has any more."""

from flask import current_app

from crm.domain.attachments.queries import doomed
from crm.domain.tasks.reminding import remind_some, tell_birthdays
from crm.infra.db import db
from crm.infra.storage import storage_for
from crm.jobs.base import commit, each_in_transaction, job, should_stop

_FILES = 50


@job
def remind() -> int:
    return each_in_transaction(remind_some)


@job
def birthdays() -> None:
    after: int | None = 0
    while after is not None and not should_stop():
        after = tell_birthdays(after)
        commit()


@job
def forget_files() -> int:
    """Of removed attachments. A file is gone before its row: a worker killed between the two comes again."""
    return each_in_transaction(_forget_some)


def _forget_some() -> int:
    storage, rows = storage_for(current_app.config["SETTINGS"]), doomed(_FILES)
    for each in rows:
        storage.delete(each.storage_key)
        db.session.delete(each)
    return len(rows)
