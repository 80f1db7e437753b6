"""Administrators are told when the backup of a night could not be made, once a day."""

import datetime as dt
from collections.abc import Collection, Mapping

from sqlalchemy import or_, select

from crm.domain.notifications.actions import Kind, News, notify
from crm.domain.notifications.queries import names_of
from crm.domain.people.models import PersonRole, Role
from crm.domain.people.roles import ADMINISTRATOR
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.company import company
from crm.kernel.permissions import Permission

BACKUPS = "backups"  # no table: a night is known by its day, 20261127
_ADMINISTERS = Permission.SYSTEM_ADMINISTER


def tell_of_failure() -> None:
    day = int(f"{company.today():%Y%m%d}")
    administers = or_(Role.key == ADMINISTRATOR, Role.reach.has_key(_ADMINISTERS.value))
    people = select(PersonRole.person_id).join(Role, Role.id == PersonRole.role_id).where(administers).distinct()
    notify(Kind.NOT_SAVED, [News(each, BACKUPS, day, str(day)) for each in db.session.scalars(people)])


def _named(actor: Actor, ids: Collection[int]) -> Mapping[int, str]:
    if not actor.may(_ADMINISTERS):
        return {}
    return {each: dt.datetime.strptime(str(each), "%Y%m%d").date().isoformat() for each in ids}


names_of[BACKUPS] = _named
