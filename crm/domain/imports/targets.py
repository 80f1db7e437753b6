"""What the rows of a file can become: records of any type, and follow-ups on records that are here."""

from collections.abc import Collection, Mapping
from typing import Any

from crm.domain.imports.follow_ups import FOLLOW_UPS, FollowUps
from crm.domain.registry import RECORD_TYPES
from crm.domain.timeline.queries import as_values
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.records import RecordType

Target = RecordType | FollowUps
TARGETS: dict[str, Target] = {**RECORD_TYPES, FOLLOW_UPS.key: FOLLOW_UPS}


def values_of(actor: Actor, target: Target, ids: Collection[int]) -> Mapping[int, Mapping[str, Any]]:
    """Record → its values by field key, of those the actor can see."""
    if isinstance(target, FollowUps):
        return as_values(actor, ids)
    entity = target.entity
    records = db.session.scalars(entity.visible_to(actor).where(entity.id.in_(ids)))
    return {one.id: {each.key: each.value_in(one) for each in target.fields} for one in records}


def may_write_over(actor: Actor, target: Target) -> bool:
    """Whether a file may change what is here. What somebody wrote stays as they wrote it."""
    return isinstance(target, RecordType) and actor.may(target.may_edit)
