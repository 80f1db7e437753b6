"""Administrators are told when the backup of a night could not be made, once a day."""

import datetime as dt
from collections.abc import Collection, Mapping

from crm.domain.notifications.actions import Kind, News, notify
from crm.domain.notifications.queries import names_of
from crm.domain.people.queries import administrators
from crm.kernel.access import Actor
from crm.kernel.company import company
from crm.kernel.permissions import Permission

BACKUPS = "backups"  # no table: a night is known by its day, 20261127


def tell_of_failure() -> None:
    day = int(f"{company.today():%Y%m%d}")
    notify(Kind.NOT_SAVED, [News(each, BACKUPS, day, str(day)) for each in administrators()])


def _named(actor: Actor, ids: Collection[int]) -> Mapping[int, str]:
    if not actor.may(Permission.SYSTEM_ADMINISTER):
        return {}
    return {each: dt.datetime.strptime(str(each), "%Y%m%d").date().isoformat() for each in ids}


names_of[BACKUPS] = _named
