"""Reading changes of many records. They are seen by whoever asked for them, and by nobody else."""

from collections.abc import Sequence

from sqlalchemy import Select, select

from crm.domain.bulk.models import BulkChange, BulkItem, Outcome
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db
from crm.kernel.access import Actor

PAGE = 25


def own(actor: Actor) -> Select[BulkChange]:
    return select(BulkChange).where(BulkChange.owner_id == actor.id)


def newest(actor: Actor) -> Sequence[BulkChange]:
    return db.session.scalars(own(actor).order_by(BulkChange.id.desc()).limit(PAGE)).all()


def undo_of(bulk: BulkChange) -> int | None:
    """The change that takes this one back."""
    return db.session.scalar(select(BulkChange.id).where(BulkChange.undo_of_id == bulk.id))


def items(bulk: BulkChange, outcome: Outcome | None, after: int = 0) -> Sequence[BulkItem]:
    """Records behind an id that ended so (None: not reached): one page and one more."""
    statement = select(BulkItem).where(
        BulkItem.bulk_id == bulk.id,
        BulkItem.outcome.is_(None) if outcome is None else BulkItem.outcome == outcome,
        BulkItem.record_id > after,
    )
    return db.session.scalars(statement.order_by(BulkItem.record_id).limit(PAGE + 1)).all()


def labels(actor: Actor, bulk: BulkChange, ids: Sequence[int]) -> dict[int, tuple[str, bool]]:
    """Record → (name, whether it is in the recycle bin), of those the actor can see."""
    type_ = RECORD_TYPES[bulk.record_type]
    found: dict[int, tuple[str, bool]] = {}
    for spec, binned in ((type_.list, False), (type_.bin, True)):
        if binned and not actor.may(type_.may_delete):
            continue
        rows = spec.entity.visible_to(actor).where(spec.entity.id.in_(ids))
        columns = rows.with_only_columns(type_.entity.id, type_.entity.name)
        found |= {row.id: (row.name, binned) for row in db.session.execute(columns)}
    return found
