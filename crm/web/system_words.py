"""The system page's words: what each thing is called, what each trouble means and what to do about it."""

import datetime as dt
from collections.abc import Collection, Mapping

from sqlalchemy import select

from crm.domain.notifications.queries import names_of
from crm.domain.system.models import SystemTrouble
from crm.domain.system.troubles import Trouble
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.permissions import Permission
from crm.kernel.text import N_
from crm.web.formats import ago
from crm.web.i18n import gettext

PROCESSES = {"web": N_("Web server"), "worker": N_("Worker"), "scheduler": N_("Scheduler")}
QUEUES = {
    "outbox": N_("Short work"),
    "changes": N_("Changes of many records"),
    "bulk": N_("Imports, exports and long work"),
}
OUTBOXES = {
    "deliveries": N_("What follows from changes"),
    "mails": N_("Mail"),
    "webhooks": N_("Webhooks"),
    "automation": N_("Automation"),
    "imports": N_("Imports"),
    "import_undos": N_("Imports being undone"),
    "exports": N_("Exports"),
    "bulk_changes": N_("Changes of many records"),
    "handovers": N_("Handovers"),
    "duplicate_searches": N_("Searches for duplicates"),
}
OUTCOMES = {"done": N_("Done"), "failed": N_("Failed"), "killed": N_("Killed")}
# Kind of trouble → what is wrong, what to do.
TROUBLES = {
    "none_alive": (
        N_("%(about)s: none is running"),
        N_("Look at the program's log for why it ended, and start it again. What waits is done then; nothing is lost."),
    ),
    "gone": (
        N_("%(about)s: one ended without a word, and none came in its place"),
        N_("It was killed, or its machine is gone. Its machine's log says more; the others do its work meanwhile."),
    ),
    "late": (
        N_("%(about)s: something has been waiting for more than an hour"),
        N_("See whether workers run and what fails below. For mail and webhooks, see whether the other side answers."),
    ),
    "given_up": (
        N_("%(about)s: some were given up after many tries"),
        N_("Failed mail is listed under Mail, where it can be tried again. Of other work the log says why it failed."),
    ),
    "missed": (
        N_("%(about)s: what is to be done every night was not done for two days"),
        N_("See below whether it fails, and whether workers and the scheduler run."),
    ),
    "failing": (
        N_("%(about)s: failed the last time"),
        N_("Below stand the kind of error and its place; the log has the rest. “Again” tries it once more."),
    ),
    "disk": (
        N_("The disk is nearly full"),
        N_("Make room, or make it larger. When it is full the database stops taking in changes."),
    ),
    "redis": (
        N_("Redis does not answer"),
        N_("The system works on, and work begins some seconds later than usual. Start Redis again."),
    ),
    "errors": (
        N_("Pages or work went wrong within the last hour"),
        N_("They are listed below. Whoever saw one was told its number: the log has all about it under that number."),
    ),
}


def title(kind: str, about: str) -> str:
    """In the reader's language."""
    known = PROCESSES.get(about) or OUTBOXES.get(about) or ""
    return gettext(TROUBLES[kind][0], about=gettext(known) if known else about)


def what_to_do(trouble: Trouble) -> str:
    return gettext(TROUBLES[trouble.kind][1])


def _named(actor: Actor, ids: Collection[int]) -> Mapping[int, str]:
    if not actor.may(Permission.SYSTEM_ADMINISTER):
        return {}
    rows = db.session.scalars(select(SystemTrouble).where(SystemTrouble.id.in_(ids)))
    return {each.id: title(each.kind, each.about) for each in rows}


names_of[SystemTrouble.__tablename__] = _named


def ago_or_dash(moment: dt.datetime | None) -> str:
    return ago(moment) if moment else "–"
