"""Two records that are one are made one, in one transaction; separating.py makes two of them again."""

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from crm.domain.access.of_records import tell_owner
from crm.domain.confirming.models import PendingChange, State
from crm.domain.duplicates.events import LeftBehind, RecordsMerged, WentIntoAnother
from crm.domain.duplicates.models import Merge
from crm.domain.duplicates.moving import REQUESTS, move, part
from crm.domain.duplicates.places import leads_to, linked
from crm.domain.leads.converting import lost_by_merging
from crm.domain.people.actions import SYSTEM
from crm.domain.records.changing import touch
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor, unscoped
from crm.kernel.errors import RuleBroken
from crm.kernel.events import record
from crm.kernel.fields import Field
from crm.kernel.packing import pack, stored
from crm.kernel.records import RecordType
from crm.kernel.text import N_

DAYS = 90
NOT_YOURS = N_("To merge two you must be allowed to change both, and to delete the one that is given up: “%(title)s”.")
_WAITS = N_("A change of “%(title)s” waits for a second person: decide on it first, then merge.")
_BELOW = N_("“%(title)s” stands below “%(other)s” at some distance: take it out of there first, then merge.")
# What of a type would be lost with the one that is given up: (survivor, gone) → why they cannot be merged so.
_LOST: Mapping[str, Callable[[Any, Any], RuleBroken | None]] = {"leads": lost_by_merging}


def until(merge: Merge) -> dt.datetime:
    """The last moment it can be undone."""
    return merge.merged_at + dt.timedelta(days=DAYS)


def may_merge(actor: Actor, type_: RecordType, survivor: Any, gone: Any) -> bool:
    both = all(actor.holds(each, type_.may_edit) for each in (survivor, gone))
    return type_.likeness is not None and both and actor.holds(gone, type_.may_delete)


def lost(type_: RecordType, survivor: Any, gone: Any) -> RuleBroken | None:
    """Why this one of the two cannot be the one that is given up."""
    return _LOST[type_.key](survivor, gone) if type_.key in _LOST else None


def choosable(actor: Actor, type_: RecordType) -> dict[str, Field]:
    """The fields in which the actor may say which of the two goes on."""
    return {each.key: each for each in type_.open_to(actor).fields if each.writable_by(actor) and not each.masked}


def left_behind(actor: Actor, type_: RecordType, survivor: Any, gone: Any) -> dict[str, Any]:
    """What the one that is given up says where the actor may choose nothing: {field: value}, whoever may read it."""
    chosen, found = choosable(actor, type_), {}
    for key, each in type_.verbs.open_fields(replace(SYSTEM, shape=actor.shape)).items():
        value = each.value_in(gone)
        if (
            key not in chosen
            and each.editable
            and value not in (None, [], "")
            and not each.same(each.value_in(survivor), value)
        ):
            found[key] = value
    return found


def merge(actor: Actor, type_: RecordType, survivor: Any, gone: Any, taken_over: Collection[str] = ()) -> Merge:
    """`taken_over` are the keys of the fields in which the survivor gets what the other one has. Both are locked."""
    _check(actor, type_, survivor, gone)
    fields = choosable(actor, type_)
    chosen = {key: stored(gone, fields[key]) for key in taken_over if key in fields}
    chosen = _not_itself(fields, survivor, gone, chosen)
    behind = left_behind(actor, type_, survivor, gone)
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
    part(actor, kept)
    type_.verbs.binned(actor, gone)
    _change(actor, type_, survivor, kept, chosen)
    moved = move(actor, kept)
    if REQUESTS in moved.counts:
        tell_owner(actor, survivor)
    record(actor, survivor, RecordsMerged(kept.gone_name, kept.gone_number, kept.id, moved.count, moved.counts))
    if behind:
        record(actor, survivor, LeftBehind(kept.gone_name, kept.gone_number, behind))
    record(actor, gone, WentIntoAnother(survivor.name, survivor.number, kept.id))
    return kept


def _check(actor: Actor, type_: RecordType, survivor: Any, gone: Any) -> None:
    if survivor.id == gone.id:
        raise RuleBroken(N_("These are not two: choose another one to merge with."))
    if not may_merge(actor, type_, survivor, gone):
        raise RuleBroken(NOT_YOURS, title=gone.name)
    if (why := lost(type_, survivor, gone)) is not None:
        raise why
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
    links = [key for key in chosen if leads_to(fields[key], survivor.__tablename__)]
    return {key: each for key, each in chosen.items() if key not in links or each not in (survivor.id, gone.id)}


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
    done = type_.verbs.change(actor, survivor, chosen)
    after = {key: chosen[key] if key in done.waiting else stored(survivor, fields[key]) for key in chosen}
    kept.waits = _asked(actor, type_, survivor, done.waiting) if done.waiting else {}
    changed = [key for key in chosen if not fields[key].same(before[key], after[key])]
    kept.before = _packed({key: before[key] for key in changed})
    kept.after = _packed({key: after[key] for key in changed})


def _asked(actor: Actor, type_: RecordType, survivor: Any, keys: Collection[str]) -> dict[str, int]:
    mine = {"subject_type": type_.key, "subject_id": survivor.id, "asked_by_id": actor.id, "state": State.ASKED}
    asked = select(PendingChange.field, PendingChange.id).filter_by(**mine).where(PendingChange.field.in_(keys))
    return {key: id_ for key, id_ in db.session.execute(asked)}


def _packed(values: Mapping[str, Any]) -> dict[str, Any]:
    return dict.fromkeys(values) | pack(values)
