"""Whether everything is saved: the last backups, and what to do where there is none."""

from collections.abc import Mapping
from typing import Any

from flask import current_app

from crm.blueprints.admin.area import ADMINISTER, bp
from crm.domain.backups import telling  # noqa: F401 (what notifications about them are called)
from crm.infra import clock
from crm.infra.backups import Problem, shelf
from crm.kernel.text import N_
from crm.web.formats import size
from crm.web.htmx import render

# What to do when a backup could not be made; what the program said itself stands below.
_ADVICE: Mapping[str, str] = {
    Problem.FOLDER: N_(
        "The last backup could not be made: its folder cannot be written. Make it writable for the program."
    ),
    Problem.FULL: N_(
        "The last backup could not be made: its disk is full. Make room, or keep fewer (CRM_BACKUP_KEEP)."
    ),
    Problem.PROGRAMS: N_(
        "The last backup could not be made: pg_dump is missing or older than the database. Install it."
    ),
    Problem.DUMP: N_("The last backup could not be made: the database could not be saved."),
    Problem.FILES: N_("The last backup could not be made: an uploaded file could not be read."),
    Problem.BUSY: N_("The last backup was not made, since another one was being made at that time."),
    Problem.DAMAGED: N_("The last backup could not be made: the disk does not give back what was written. Replace it."),
}


@bp.get("/backups", needs=ADMINISTER)
def backups() -> Any:
    settings = current_app.config["SETTINGS"]
    folder = shelf.usual(settings)
    found, last = shelf.backups_in(folder), shelf.last_outcome(settings)
    return render(
        "admin/backups.html",
        folder=folder,
        regular=bool(settings.backup_to),
        backups=[(each, size(each.manifest.bytes)) for each in found],
        late=not found or clock.now() - found[0].at > shelf.LATE,
        advice=_ADVICE.get(last.problem, "") if last and last.problem else "",
        said=last.sentence if last else "",
    )
