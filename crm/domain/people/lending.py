"""A role for a time. Where somebody's rights are read it counts to the moment; the row is taken away soon after."""

import datetime as dt

from sqlalchemy import select

from crm.domain.people.actions import SYSTEM
from crm.domain.people.events import RoleEnded, RoleLent, RolesGiven
from crm.domain.people.lasting import last_day
from crm.domain.people.models import Person, PersonRole, Role
from crm.domain.people.roles import ADMINISTRATOR
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import RuleBroken
from crm.kernel.events import record
from crm.kernel.text import N_


def lend_role(actor: Actor, person: Person, role: Role, until: dt.datetime | None) -> None:
    """None is for good. Who has it for good keeps it so; lent anew, it ends when was said last."""
    if role.key == ADMINISTRATOR and until is not None:
        raise RuleBroken(N_("Administrators are made for good: somebody must always be there to take it back."))
    if role.baseline or role.retired_at is not None:
        raise RuleBroken(N_("This role cannot be given."))
    kept = db.session.get(PersonRole, (person.id, role.id), with_for_update=True)
    if kept is not None and kept.until is None:
        return
    if kept is None:
        kept = PersonRole(person_id=person.id, role_id=role.id)
        db.session.add(kept)
    kept.until = until
    if until is None:
        record(actor, person, RolesGiven({"roles": [[], [role.name]]}))
    else:
        record(actor, person, RoleLent(role.name, last_day(until).isoformat()))


def lent(person: Person) -> dict[int, dt.date]:
    """{id of a role: the last day} of what they have for a time."""
    theirs = select(PersonRole).where(PersonRole.person_id == person.id, PersonRole.until.is_not(None))
    return {each.role_id: last_day(each.until) for each in db.session.scalars(theirs) if each.until is not None}


def end_lent(limit: int) -> int:
    """What has ended is taken away, told of the person; how many."""
    over = select(PersonRole).where(PersonRole.until <= clock.now()).limit(limit)
    gone = db.session.scalars(over.with_for_update(skip_locked=True)).all()
    for one in gone:
        db.session.delete(one)
        role = db.session.get_one(Role, one.role_id)
        record(SYSTEM, db.session.get_one(Person, one.person_id), RoleEnded(role.name))
    return len(gone)
