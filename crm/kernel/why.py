"""Why somebody can see a record, or cannot: the same rules as Scoped.visible_to, told instead of asked."""

from collections.abc import Collection
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from crm.infra.db import db
from crm.kernel.access import Actor, Reach
from crm.kernel.modules import lacking_for
from crm.kernel.sharing import Share, lasts


class Why(StrEnum):
    EVERYTHING = "everything"  # a role reaches all records of the type
    BRANCH = "branch"
    DEPARTMENT = "department"
    OWN = "own"
    POOL = "pool"  # nobody owns it, and it lies where they may take from
    SHARED = "shared"
    SHARED_DEPARTMENT = "shared_department"
    MODULE_OFF = "module_off"  # whatever their roles say: it is switched off where they are
    NO_ROLE = "no_role"  # no role lets them see the type at all
    BEYOND = "beyond"  # they see others of the type, but this one is not within reach
    IN_BIN = "in_bin"


AGAINST = frozenset({Why.MODULE_OFF, Why.NO_ROLE, Why.BEYOND, Why.IN_BIN})


def why(actor: Actor, record: Any) -> list[Why]:
    """Every reason there is. `sees(why(…))` is whether visible_to finds the record."""
    if not actor.may(record.read_permission):
        return [Why.MODULE_OFF if lacking_for(actor.modules, record.read_permission) else Why.NO_ROLE]
    found = [*_within_reach(actor, record), *_pool(actor, record), *_shared(actor, record)] or [Why.BEYOND]
    return [Why.IN_BIN, *found] if record.deleted_at is not None else found


def sees(reasons: Collection[Why]) -> bool:
    return not AGAINST & set(reasons)


def _within_reach(actor: Actor, record: Any) -> list[Why]:
    reach = actor.reach_of(record.read_permission)
    own = [Why.OWN] if actor.id is not None and record.owner_id == actor.id else []
    if reach is Reach.ALL:
        return [Why.EVERYTHING, *own]
    departments = actor.departments(record.read_permission)
    if not departments:
        return own
    if record.department_id not in departments:
        return []
    return [Why.BRANCH if reach is Reach.BRANCH else Why.DEPARTMENT, *own]


def _pool(actor: Actor, record: Any) -> list[Why]:
    if not record.pooled or record.owner_id is not None or actor.id is None:
        return []
    return [Why.POOL] if record.department_id is None or record.department_id in actor.pools else []


def _shared(actor: Actor, record: Any) -> list[Why]:
    if actor.id is None:
        return []
    of = select(Share.person_id, Share.department_id).filter_by(subject_type=record.__tablename__, subject_id=record.id)
    rows = db.session.execute(of.where(lasts())).all()
    found = [Why.SHARED] if any(row.person_id == actor.id for row in rows) else []
    if actor.department_id is not None and any(row.department_id == actor.department_id for row in rows):
        found.append(Why.SHARED_DEPARTMENT)
    return found
