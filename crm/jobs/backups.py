"""A backup every night, where a folder is set for it."""

from pathlib import Path

import structlog
from flask import current_app

from crm.domain.backups.telling import tell_of_failure
from crm.infra.backups import BackupError, making, shelf
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
        except BackupError as error:
            log.error("backup.failed", problem=error.problem, said=str(error))
            shelf.remember(settings, error.problem, str(error))
            tell_of_failure()
            commit()
        else:
            shelf.remember(settings)
