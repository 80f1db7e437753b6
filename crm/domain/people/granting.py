"""Roles made and changed, and given to people. The last administrator cannot be lost."""

from collections.abc import Collection, Mapping

from sqlalchemy import delete, func, select

from crm.domain.people.events import RoleChanged, RoleCreated, RolesGiven
from crm.domain.people.models import Person, PersonRole, Role
from crm.domain.people.roles import ADMINISTRATOR
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor, FieldRight, Reach
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import record
from crm.kernel.permissions import Permission
from crm.kernel.shape import reshaped
from crm.kernel.text import N_, clean

LONGEST = 100
Fields = Mapping[str, Mapping[str, FieldRight]]


def create_role(actor: Actor, *, name: str, like: Role | None = None) -> Role:
    name = _name(name)
    copied = {each: dict(getattr(like, each)) if like else {} for each in ("reach", "fields", "limits")}
    role = Role(name=name, **copied)
    db.session.add(role)
    record(actor, role, RoleCreated(name))
    reshaped()
    return role


def change_role(
    actor: Actor,
    role: Role,
    *,
    name: str,
    reach: Mapping[Permission, Reach],
    fields: Fields,
    limits: Mapping[str, int] | None = None,
) -> None:
    """`limits` by key of LIMITS; None leaves them as they are."""
    if role.key == ADMINISTRATOR:
        raise RuleBroken(N_("The administrator's role always allows everything and cannot be changed."))
    wanted = {
        "name": _name(name or role.name),
        "reach": {each.value: how_far.name for each, how_far in sorted(reach.items()) if how_far},
        "fields": {
            type_: {key: right.name for key, right in sorted(rights.items()) if right < FieldRight.WRITE}
            for type_, rights in fields.items()
        },
        "limits": role.limits if limits is None else dict(sorted(limits.items())),
    }
    changes = {key: [getattr(role, key), value] for key, value in wanted.items() if getattr(role, key) != value}
    for key, (_, after) in changes.items():
        setattr(role, key, after)
    if changes:
        record(actor, role, RoleChanged(changes))
        reshaped()


def _name(name: str) -> str:
    name = clean(name)
    if not name:
        raise Invalid(N_("A role needs a name."))
    if len(name) > LONGEST:
        raise Invalid(N_("It has %(length)s characters; at most %(most)s fit."), length=len(name), most=LONGEST)
    return name


def retire_role(actor: Actor, role: Role) -> None:
    if role.key == ADMINISTRATOR or role.baseline:
        raise RuleBroken(N_("This role cannot be retired."))
    role.retired_at = clock.now()
    record(actor, role, RoleChanged({"retired": [False, True]}))
    reshaped()


def restore_role(actor: Actor, role: Role) -> None:
    """Whoever had it has it again."""
    role.retired_at = None
    record(actor, role, RoleChanged({"retired": [True, False]}))
    reshaped()


def give_roles(actor: Actor, person: Person, roles: Collection[Role]) -> None:
    """Exactly these, besides the baseline that everybody has."""
    before = set(db.session.scalars(select(PersonRole.role_id).where(PersonRole.person_id == person.id)))
    wanted = {role.id for role in roles if not role.baseline}
    if before == wanted:
        return
    db.session.execute(
        delete(PersonRole).where(PersonRole.person_id == person.id, PersonRole.role_id.in_(before - wanted))
    )
    db.session.add_all(PersonRole(person_id=person.id, role_id=role_id) for role_id in sorted(wanted - before))
    names = dict(db.session.execute(select(Role.id, Role.name).where(Role.id.in_(before | wanted))).all())
    told = [sorted(names[each] for each in some) for some in (before, wanted)]
    record(actor, person, RolesGiven({"roles": told}))
    if before - wanted:
        need_an_administrator()


def need_an_administrator() -> None:
    """Whoever would leave the system without an active administrator is told so, and nothing is changed."""
    db.session.flush()
    # Two who take it from each other at once come here one after the other, and the second finds the first's work.
    db.session.execute(select(Role.id).where(Role.key == ADMINISTRATOR).with_for_update(key_share=True))
    left = (
        select(func.count())
        .select_from(PersonRole)
        .join(Role, Role.id == PersonRole.role_id)
        .join(Person, Person.id == PersonRole.person_id)
        .where(Role.key == ADMINISTRATOR, Person.active)
    )
    if not db.session.scalar(left):
        raise RuleBroken(N_("Somebody must stay administrator."))
