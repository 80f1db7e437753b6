"""After how many days deleted records leave the recycle bin for good."""

from crm.domain.retention.events import BinDaysChanged
from crm.domain.retention.models import Retention
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid
from crm.kernel.events import record
from crm.kernel.text import N_

LEAST, MOST = 1, 3650


def bin_days(installed: int) -> int:
    """`installed` is what the settings of the installation say."""
    kept = db.session.get(Retention, 1)
    return installed if kept is None or kept.bin_days is None else kept.bin_days


def change_bin_days(actor: Actor, days: int, installed: int) -> None:
    if not LEAST <= days <= MOST:
        raise Invalid(N_("Between %(least)s and %(most)s days."), least=LEAST, most=MOST)
    before = bin_days(installed)
    if days == before:
        return
    kept = db.session.get(Retention, 1, with_for_update=True)
    if kept is None:
        db.session.add(kept := Retention(id=1))
    kept.bin_days = days
    record(actor, kept, BinDaysChanged({"bin_days": [before, days]}))
