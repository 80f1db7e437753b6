"""After how many days things are gone for good: deleted records, files of imports."""

from crm.domain.retention.events import BinDaysChanged, ImportFileDaysChanged
from crm.domain.retention.models import Retention
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid
from crm.kernel.events import Fact, record
from crm.kernel.text import N_

LEAST, MOST = 1, 3650
FILE_DAYS, MOST_FILE_DAYS = 30, 90  # as long as rows of imports are kept


def bin_days(installed: int) -> int:
    """`installed` is what the settings of the installation say."""
    kept = db.session.get(Retention, 1)
    return installed if kept is None or kept.bin_days is None else kept.bin_days


def import_file_days() -> int:
    kept = db.session.get(Retention, 1)
    return FILE_DAYS if kept is None or kept.import_file_days is None else kept.import_file_days


def change_bin_days(actor: Actor, days: int, installed: int) -> None:
    _check(days, MOST, "bin_days")
    before = bin_days(installed)
    if days != before:
        _keep(actor, "bin_days", days, BinDaysChanged({"bin_days": [before, days]}))


def change_import_file_days(actor: Actor, days: int) -> None:
    _check(days, MOST_FILE_DAYS, "import_file_days")
    before = import_file_days()
    if days != before:
        _keep(actor, "import_file_days", days, ImportFileDaysChanged({"import_file_days": [before, days]}))


def _check(days: int, most: int, key: str) -> None:
    if not LEAST <= days <= most:
        raise Invalid(N_("Between %(least)s and %(most)s days."), least=LEAST, most=most, key=key)


def _keep(actor: Actor, name: str, days: int, fact: Fact) -> None:
    kept = db.session.get(Retention, 1, with_for_update=True)
    if kept is None:
        db.session.add(kept := Retention(id=1))
    setattr(kept, name, days)
    record(actor, kept, fact)
