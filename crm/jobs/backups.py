"""A backup every night, where a folder is set for it."""

from pathlib import Path

import structlog
from flask import current_app

from crm.domain.backups.telling import tell_of_failure
from crm.infra.backups import BackupError, Problem, making, shelf
from crm.jobs.base import alone, commit, job

log = structlog.get_logger(__name__)


@job
def make_nightly() -> None:
    """Administrators are told when there is none; the page of backups says what to do."""
    settings = current_app.config["SETTINGS"]
    if not settings.backup_to:
        return
    with alone("backup") as ours:
        if not ours:
            return
        try:
            making.make(settings, Path(settings.backup_to), keep=settings.backup_keep)
        except Exception as error:  # whatever it is, somebody has to know
            problem = error.problem if isinstance(error, BackupError) else Problem.DUMP
            log.error("backup.failed", problem=problem, exc_info=not isinstance(error, BackupError), said=str(error))
            shelf.remember(settings, problem, str(error))
            tell_of_failure()
            commit()
        else:
            shelf.remember(settings)
