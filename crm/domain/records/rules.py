"""What may be written into a record of any type besides what its fields say: who may own it."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select

from crm.domain.people.models import Person
from crm.infra.db import db
from crm.kernel.access import Actor, Reach
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import origin
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.permissions import Action, permission
from crm.kernel.text import N_

_NOT_HERE = N_("The tag “%(title)s” is not put on here: where it is, it stays.")
_SAY_WHY = N_("The tag “%(title)s” is only put on with a reason: say why.")


def departments_of(actor: Actor, owners: Collection[int | None]) -> dict[int | None, int | None]:
    """Owner → their department, to which what they own belongs; the actor is among them."""
    known: dict[int | None, int | None] = {actor.id: actor.department_id} if actor.id is not None else {}
    if others := set(owners) - {None, actor.id}:
        known |= dict(db.session.execute(select(Person.id, Person.department_id).where(Person.id.in_(others))).all())
    return known


def check_owner(actor: Actor, type_: str, owner: int | None, one: Any) -> None:
    """To keep one's own needs no right; to give away, the right to assign must reach the record and its new owner."""
    if owner == (one.owner_id if one else owner and actor.id):
        return
    reaches = one is None or actor.holds(one, permission(type_, Action.ASSIGN))
    into_pool = owner is None and one is not None and one.pooled
    if not reaches or not (into_pool or may_assign_to(actor, type_, owner)):
        raise RuleBroken(N_("You may not give this to someone else."))


def check_tags(fields: Mapping[str, Field], values: Mapping[str, Any], one: Any) -> None:
    """What is retired is not put on any more, and some are put on with a reason: form, file, cell or many at once."""
    for key, value in values.items():
        field = fields[key]
        if field.kind is not FieldKind.TAGS or not field.choices or not value or origin.get().takes_back:
            continue
        for tag in field.tags.added(field.value_in(one) if one is not None else None, value):
            if tag.retired:
                raise Invalid(_NOT_HERE, title=tag.label, key=key)
            if tag.asks_why and not origin.get().reason:
                raise Invalid(_SAY_WHY, title=tag.label, key=key)


def may_assign_to(actor: Actor, type_: str, owner: int | None) -> bool:
    assign = permission(type_, Action.ASSIGN)
    reach = actor.reach_of(assign)
    if reach is Reach.ALL or (owner == actor.id and reach):
        return True
    department = db.session.scalar(select(Person.department_id).where(Person.id == owner, Person.active))
    return department in actor.departments(assign)
