"""What a person does to a change of many records. What a worker does is in running.py."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import select

from crm.domain.bulk.deeds import DEEDS, Deed, Values, allowed, packed
from crm.domain.bulk.events import BulkCancelled, BulkResumed, BulkStarted, BulkUndone
from crm.domain.bulk.models import UNDOABLE, BulkChange, BulkItem, State
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.asking import Query
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import origin, record
from crm.kernel.records import RecordType
from crm.kernel.text import N_


def start(  # noqa: PLR0913 - all that a change of many is
    actor: Actor,
    type_: RecordType,
    deed: Deed,
    *,
    asked: Query | Collection[int],
    values: Values,
    automates: bool = False,
) -> BulkChange:
    """Have it done to the records with these ids, or to all that a list shows for a question. `automates`: rules of
    automation hear of each."""
    if isinstance(asked, Query):
        question = (type_.bin if deed.on_binned else type_.list).sealed(actor, asked.but(sort="", columns=()))
        kept: dict[str, Any] = {"query": [list(each) for each in question.to_args()]}
    elif asked:
        kept = {"ids": sorted(set(asked))}
    else:
        raise Invalid(N_("Tick at least one row."))
    if deed.new is not None and not values:
        raise Invalid(N_("Choose what to change."))
    if deed.key in ("tag", "untag") and None in values.values():
        raise Invalid(N_("Name at least one tag."))
    if deed.asks_why and not origin.get().reason:
        raise Invalid(N_("Say why: the reason stands on the timeline of each."))
    if not allowed(actor, type_, deed, values):
        raise RuleBroken(N_("You may not do this to many records at once."))
    bulk = BulkChange(
        owner_id=actor.id,
        record_type=type_.key,
        action=deed.key,
        asked=kept,
        values=packed(values),
        automates=automates,
        reason=origin.get().reason,
    )
    db.session.add(bulk)
    record(actor, bulk, BulkStarted(type_.key, deed.key, kept, bulk.values))
    return bulk


def undo(actor: Actor, bulk: BulkChange) -> BulkChange:
    """Have every changed record get back what it had, unless somebody has changed it since."""
    if not is_undoable(bulk):
        raise RuleBroken(N_("This cannot be taken back any more."))
    back = BulkChange(
        owner_id=actor.id,
        record_type=bulk.record_type,
        action=DEEDS[bulk.action].back,
        asked={},
        values=dict.fromkeys(bulk.values),
        undo_of_id=bulk.id,
        reason=origin.get().reason,
    )
    db.session.add(back)
    record(actor, back, BulkUndone(bulk.id))
    return back


def is_undoable(bulk: BulkChange) -> bool:
    """Once, when it has ended, and while it is still written down what was before."""
    if not DEEDS[bulk.action].back or bulk.state == State.RUNNING or bulk.undo_of_id is not None:
        return False
    items = select(BulkItem.bulk_id).where(BulkItem.bulk_id == bulk.id, BulkItem.outcome.in_(UNDOABLE))
    undone = select(BulkChange.id).where(BulkChange.undo_of_id == bulk.id)
    return bool(db.session.scalar(select(items.exists() & ~undone.exists())))


def cancel(actor: Actor, bulk: BulkChange) -> None:
    """Stop here; what is done stays done and can be taken back. A worker in the middle ends its batch first."""
    db.session.refresh(bulk, with_for_update=True)
    if bulk.state != State.RUNNING:
        raise RuleBroken(N_("This change has ended already."))
    bulk.state, bulk.finished_at = State.CANCELLED, clock.now()
    record(actor, bulk, BulkCancelled(bulk.reached))


def resume(actor: Actor, bulk: BulkChange) -> None:
    """Go on with the records that were not reached."""
    undone = select(BulkChange.id).where(BulkChange.undo_of_id == bulk.id)
    if bulk.state not in (State.FAILED, State.CANCELLED) or db.session.scalar(undone):
        raise RuleBroken(N_("This change has ended already."))
    bulk.state, bulk.problem, bulk.finished_at, bulk.retry_at, bulk.attempts = State.RUNNING, None, None, None, 0
    record(actor, bulk, BulkResumed())
