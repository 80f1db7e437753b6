"""Merges that cannot be undone any more: what would have been needed for that is forgotten, and the record that was
given up is removed for good. Where its address leads is kept."""

import datetime as dt

from sqlalchemy import delete, select

from crm.domain.duplicates.merging import DAYS
from crm.domain.duplicates.models import Merge, MergeItem
from crm.domain.records.purging import remove
from crm.domain.registry import RECORD_TYPES
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor


def forget_old(actor: Actor, limit: int) -> int:
    """Some of them; returns how many."""
    old = Merge.merged_at < clock.now() - dt.timedelta(days=DAYS)
    statement = select(Merge).where(old, Merge.forgotten_at.is_(None), Merge.undone_at.is_(None)).limit(limit)
    found = db.session.scalars(statement.with_for_update(skip_locked=True)).all()
    for each in found:
        type_ = RECORD_TYPES[each.record_type]
        remove(actor, type_.entity, {each.gone_id: each.gone_number}, type_.verbs.facts.purged)
        each.before, each.after, each.taken, each.waits, each.forgotten_at = {}, {}, {}, {}, clock.now()
    ids = [each.id for each in found]
    db.session.execute(delete(MergeItem).where(MergeItem.merge_id.in_(ids)))
    return len(found)
