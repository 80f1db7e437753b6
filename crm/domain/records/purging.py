"""Records that leave the recycle bin for good: with their follow-ups and shares. The log keeps that they were.

What other records say of them in a link is emptied by the database (ON DELETE SET NULL).
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select

from crm.domain.attachments.actions import remove_of
from crm.domain.confirming.models import PendingChange
from crm.domain.records.events import Purged
from crm.domain.records.external import ExternalId
from crm.domain.timeline.models import FollowUp
from crm.infra.db import db
from crm.kernel.access import Actor, Reach, unscoped
from crm.kernel.errors import RuleBroken
from crm.kernel.events import record_many
from crm.kernel.permissions import Action, permission
from crm.kernel.sharing import Share
from crm.kernel.text import N_


def purge(actor: Actor, one: Any, fact: type[Purged]) -> None:
    """It cannot be taken back, so it takes the right to delete every record of its type."""
    if actor.reach_of(permission(one.__tablename__, Action.DELETE)) is not Reach.ALL:
        raise RuleBroken(N_("Only those who may delete every record may purge one."))
    if one.deleted_at is None:
        raise RuleBroken(N_("Only what is in the recycle bin can be purged."))
    remove(actor, type(one), {one.id: one.number}, fact)


def purge_old(actor: Actor, entity: Any, fact: type[Purged], before: dt.datetime, limit: int) -> int:
    """Purge some of those that were deleted before a moment; returns how many."""
    statement = (
        select(entity.id, entity.number)
        .where(entity.deleted_at < before, entity.merged_into_id.is_(None))
        .order_by(entity.deleted_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    with unscoped("the recycle bins of everybody"):
        old = {row.id: row.number for row in db.session.execute(statement)}
    remove(actor, entity, old, fact)
    return len(old)


def remove(actor: Actor, entity: Any, numbers: Mapping[int, str], fact: type[Purged]) -> None:
    ids, type_ = list(numbers), entity.__tablename__
    hanging = (FollowUp, PendingChange, Share, ExternalId)
    about = [delete(each).where(each.subject_type == type_, each.subject_id.in_(ids)) for each in hanging]
    with unscoped("what hangs on a record goes with it, whoever has it"):
        for each in (*about, delete(entity).where(entity.id.in_(ids))):
            db.session.execute(each.execution_options(synchronize_session=False))
    remove_of(type_, ids)
    record_many(actor, type_, [(id_, fact(number)) for id_, number in numbers.items()])
