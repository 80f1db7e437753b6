"""The database brought up to date, with a backup first and the way back said."""

import logging
from pathlib import Path

from crm.config import Settings
from crm.infra import revisions
from crm.infra.backups import BackupError, making, server, shelf

_DATA = "SELECT count(*) FROM (SELECT FROM people LIMIT 1) AS anybody"


class NotUpgraded(Exception):
    """What happened, what was kept, and the way back."""


def upgrade(settings: Settings, say: making.Say) -> None:
    """Migrations that wait are run, after a backup where somebody has an account. NotUpgraded when one fails."""
    at, data = _standing(settings)
    backup = _backup(settings, say) if data and revisions.waiting(at) else None
    logging.getLogger("alembic.runtime.plugins").setLevel(logging.WARNING)  # a line for each part it reads in

    from crm.migrating import upgrade as migrate

    try:
        migrate()
    except Exception as error:
        now, _ = _standing(settings)
        raise NotUpgraded(_way_back(settings, error, at, now, backup)) from error


def _standing(settings: Settings) -> tuple[str, bool]:
    """The last migration the database has, and whether there is anything to lose."""
    with server.connect(server.url_of(settings)) as connection:
        at = revisions.current(connection)
        row = connection.execute(_DATA).fetchone() if at else None
        return at, bool(row and row[0])


def _backup(settings: Settings, say: making.Say) -> Path | None:
    """Where none can be made, the upgrade waits until somebody says that it should be without."""
    if not settings.backup_first:
        say("No backup is made before the upgrade, since CRM_BACKUP_FIRST says no.")
        return None
    say("A backup is made before the database is upgraded.")
    try:
        return making.make(settings, shelf.usual(settings), keep=settings.backup_keep, say=say, wait=True)
    except BackupError as error:
        raise NotUpgraded(
            f"The database is not upgraded, because there is no backup: {error}\n"
            "Mend that, or set CRM_BACKUP_FIRST=no to upgrade without one."
        ) from error


def _way_back(settings: Settings, error: Exception, before: str, now: str, backup: Path | None) -> str:
    waiting = list(revisions.waiting(now)) or ["?"]
    done = f"{before} → {now} are done and stay" if now != before else "The database is as it was before"
    words = [
        f"Migration {waiting[0]} failed and was rolled back: {error}",
        f"{done}; it has migration {now or 'none'}.",
    ]
    if backup is None:
        return "\n".join([*words, "No backup was made, so the way on is to mend the cause and start again."])
    back = f"crm restore --over {backup}"
    if now == before:
        words.append("The program you had before works with it: put that back and start it.")
        words.append(f"Should you need it, the backup made just now is restored by:  {back}")
    else:
        words.append(f"The way back: put the program you had before back, and run  {back}")
    return "\n".join(words)
