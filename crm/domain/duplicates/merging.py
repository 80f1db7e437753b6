"""Two records that are one are made one, and two again for as long as it can be undone: each in one transaction."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from crm.domain.confirming.models import PendingChange, State
from crm.domain.duplicates.events import CameBack, MergeUndone, RecordsMerged, WentIntoAnother
from crm.domain.duplicates.models import Merge
from crm.domain.duplicates.moving import Moved, move, move_back
from crm.domain.duplicates.places import leads_to, linked
from crm.domain.fields.unique import refuse_taken
from crm.domain.records.changing import touch
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor, unscoped
from crm.kernel.errors import RuleBroken
from crm.kernel.events import because, origin, record
from crm.kernel.fields import Field
from crm.kernel.packing import pack, stored, unpack
from crm.kernel.records import RecordType
from crm.kernel.text import N_

DAYS = 90
_NOT_YOURS = N_("To merge two you must be allowed to change both, and to delete the one that is given up: “%(title)s”.")
_WAITS = N_("A change of “%(title)s” waits for a second person: decide on it first, then merge.")
_BELOW = N_("“%(title)s” stands below “%(other)s” at some distance: take it out of there first, then merge.")


@dataclass(frozen=True)
class Undone:
    """`fields` are the labels of what somebody has changed since, which stays; `left` the places that lead elsewhere by
    now."""

    count: int
    fields: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def until(merge: Merge) -> dt.datetime:
    """The last moment it can be undone."""
    return merge.merged_at + dt.timedelta(days=DAYS)


def may_merge(actor: Actor, type_: RecordType, survivor: Any, gone: Any) -> bool:
    both = all(actor.holds(each, type_.may_edit) for each in (survivor, gone))
    return type_.likeness is not None and both and actor.holds(gone, type_.may_delete)


def merge(actor: Actor, type_: RecordType, survivor: Any, gone: Any, taken_over: Collection[str] = ()) -> Merge:
    """`taken_over` are the keys of the fields in which the survivor gets what the other one has. Both are locked."""
    _check(actor, type_, survivor, gone)
    fields = {each.key: each for each in type_.open_to(actor).fields if each.writable_by(actor)}
    chosen = {key: stored(gone, fields[key]) for key in taken_over if key in fields}
    chosen |= _not_itself(fields, survivor, gone, chosen)
    kept = Merge(
        record_type=type_.key,
        survivor_id=survivor.id,
        gone_id=gone.id,
        gone_name=gone.name,
        gone_number=gone.number,
        actor_id=actor.id,
        merged_at=clock.now(),
        taken=_given_up(fields, gone, chosen),
    )
    db.session.add(kept)
    gone.deleted_at, gone.merged_into_id = clock.now(), survivor.id
    touch(gone)
    db.session.flush()
    _change(actor, type_, survivor, kept, chosen)
    moved = move(actor, kept)
    record(actor, survivor, RecordsMerged(kept.gone_name, kept.gone_number, kept.id, moved.count, moved.counts))
    record(actor, gone, WentIntoAnother(survivor.name, survivor.number, kept.id))
    return kept


def _check(actor: Actor, type_: RecordType, survivor: Any, gone: Any) -> None:
    if survivor.id == gone.id:
        raise RuleBroken(N_("These are not two: choose another one to merge with."))
    if not may_merge(actor, type_, survivor, gone):
        raise RuleBroken(_NOT_YOURS, title=gone.name)
    waiting = select(PendingChange.id).filter_by(subject_type=type_.key, subject_id=gone.id, state=State.ASKED)
    if db.session.scalar(waiting.limit(1)) is not None:
        raise RuleBroken(_WAITS, title=gone.name)
    for column in linked(type_.entity.__table__, type_.key):
        above = _above(type_.entity, survivor, column)
        if gone.id in above[1:]:
            raise RuleBroken(_BELOW, title=survivor.name, other=gone.name)


def _above(entity: Any, one: Any, column: str) -> list[int]:
    """Whom it belongs to, to whom that one belongs, and so on."""
    found: list[int] = []
    next_ = getattr(one, column)
    with unscoped("who stands above whom is asked of all, whoever may see them"):
        while next_ is not None and next_ not in found:
            found.append(next_)
            next_ = db.session.scalar(select(getattr(entity, column)).where(entity.id == next_))
    return found


def _not_itself(fields: Mapping[str, Field], survivor: Any, gone: Any, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """What leads from one of the two to the other would lead to itself."""
    links = [key for key, each in fields.items() if leads_to(each, survivor.__tablename__)]
    both = (survivor.id, gone.id)
    return {key: None for key in links if chosen.get(key, stored(survivor, fields[key])) in both}


def _given_up(fields: Mapping[str, Field], gone: Any, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Values that only one record may have pass from the one to the other."""
    only = [key for key in chosen if fields[key].unique and fields[key].custom and key in gone.custom]
    taken = {key: gone.custom[key] for key in only}
    if taken:
        gone.custom = {key: value for key, value in gone.custom.items() if key not in taken}
    return taken


def _change(actor: Actor, type_: RecordType, survivor: Any, kept: Merge, chosen: Mapping[str, Any]) -> None:
    """Through the verb: what is sensitive waits for a second person, here as everywhere."""
    fields = {each.key: each for each in type_.open_to(actor).fields}
    before = {key: stored(survivor, fields[key]) for key in chosen}
    type_.verbs.change(actor, survivor, chosen)
    after = {key: stored(survivor, fields[key]) for key in chosen}
    changed = [key for key in chosen if not fields[key].same(before[key], after[key])]
    kept.before = _packed({key: before[key] for key in changed})
    kept.after = _packed({key: after[key] for key in changed})


def _packed(values: Mapping[str, Any]) -> dict[str, Any]:
    return dict.fromkeys(values) | pack(values)


def _unpacked(fields: Mapping[str, Field], values: Mapping[str, Any]) -> dict[str, Any]:
    return dict.fromkeys(values) | unpack(fields, {key: each for key, each in values.items() if each is not None})


def undo(actor: Actor, type_: RecordType, survivor: Any, kept: Merge) -> Undone:
    """What was moved and still leads to the survivor goes back; of the survivor's fields those that are as the merge
    left them. `survivor` and `kept` are locked."""
    gone = _gone(type_, kept)
    if kept.undone_at is not None:
        raise RuleBroken(N_("“%(title)s” is a record of its own again already."), title=kept.gone_name)
    if gone is None or kept.forgotten_at is not None or clock.now() > until(kept):
        raise RuleBroken(N_("A merge can be undone for %(days)s days: these are over."), days=DAYS)
    if not may_merge(actor, type_, survivor, gone):
        raise RuleBroken(_NOT_YOURS, title=gone.name)
    left = _change_back(actor, type_, survivor, kept)
    _take_back(actor, type_, gone, kept)
    moved: Moved = move_back(actor, kept)
    kept.undone_at, kept.undone_by_id = clock.now(), actor.id
    told = [*left, *moved.left]
    record(actor, survivor, MergeUndone(kept.gone_name, kept.gone_number, kept.id, moved.count, told))
    record(actor, gone, CameBack(survivor.name, survivor.number, kept.id))
    return Undone(moved.count, left, moved.left)


def _gone(type_: RecordType, kept: Merge) -> Any:
    statement = select(type_.entity).where(type_.entity.id == kept.gone_id).with_for_update()
    with unscoped("it is in nobody's list while it is merged; who may separate it is asked below"):
        return db.session.scalars(statement).first()


def _change_back(actor: Actor, type_: RecordType, survivor: Any, kept: Merge) -> list[str]:
    fields = {each.key: each for each in type_.open_to(actor).fields if each.writable_by(actor)}
    before, after = _unpacked(fields, kept.before), _unpacked(fields, kept.after)
    there = [key for key in before if key in fields]
    still = [key for key in there if fields[key].same(stored(survivor, fields[key]), after[key])]
    with because(origin.get().reason, takes_back=True):
        type_.verbs.change(actor, survivor, {key: before[key] for key in still})
    db.session.flush()
    return [fields[key].label if key in fields else key for key in before if key not in still]


def _take_back(actor: Actor, type_: RecordType, gone: Any, kept: Merge) -> None:
    gone.deleted_at = gone.merged_into_id = None
    if kept.taken:
        fields = [each for each in type_.open_to(actor).fields if each.key in kept.taken]
        refuse_taken(type_.key, fields, [kept.taken], gone.id)
        gone.custom = {**gone.custom, **kept.taken}
    touch(gone)
    db.session.flush()
