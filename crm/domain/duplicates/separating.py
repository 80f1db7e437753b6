"""A merge is undone: the two are two again, as far as nobody has changed anything since. In one transaction.

What cannot be put back hinders nothing else: it is left as it is and told, with the reason.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from crm.domain.confirming.events import ChangeWithdrawn
from crm.domain.confirming.holding import changes_of, end
from crm.domain.confirming.models import PendingChange, State
from crm.domain.duplicates.events import CameBack, MergeUndone
from crm.domain.duplicates.merging import DAYS, NOT_YOURS, may_merge, until
from crm.domain.duplicates.models import Merge
from crm.domain.duplicates.moving import Moved, move_back
from crm.domain.fields.unique import refuse_taken
from crm.domain.records.changing import touch
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor, unscoped
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import because, origin, record
from crm.kernel.fields import Field
from crm.kernel.packing import stored, unpack
from crm.kernel.records import RecordType
from crm.kernel.text import N_

_OTHERS = N_("you may not change it")
_HIDDEN = N_("A field you may not see")
Refused = tuple[str, Invalid | RuleBroken]  # label, and why


@dataclass(frozen=True)
class Undone:
    """Labels of fields: `fields` of what somebody has changed since, which stays; `refused` of what could not be put
    back; `waiting` of what a second person is to confirm; `withdrawn` of what the merge had asked for and waited still.
    `left` are the places that lead elsewhere by now."""

    count: int
    fields: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)


def undo(actor: Actor, type_: RecordType, survivor: Any, kept: Merge) -> Undone:
    """What was moved and still leads to the survivor goes back; of the survivor's fields those that are as the merge
    left them. `survivor` and `kept` are locked."""
    gone = _gone(type_, kept)
    if kept.undone_at is not None:
        raise RuleBroken(N_("“%(title)s” is a record of its own again already."), title=kept.gone_name)
    if gone is None or kept.forgotten_at is not None or clock.now() > until(kept):
        raise RuleBroken(N_("A merge can be undone for %(days)s days: these are over."), days=DAYS)
    if not may_merge(actor, type_, survivor, gone):
        raise RuleBroken(NOT_YOURS, title=gone.name)
    type_.verbs.returns(actor, gone)
    done = _Fields(actor, type_, survivor, gone, kept)
    done.withdraw()
    done.change_back()
    done.take_back()
    moved: Moved = move_back(actor, kept)
    kept.undone_at, kept.undone_by_id = clock.now(), actor.id
    told = [*done.changed, *(label for label, _ in done.refused), *moved.left]
    record(actor, survivor, MergeUndone(kept.gone_name, kept.gone_number, kept.id, moved.count, told))
    record(actor, gone, CameBack(survivor.name, survivor.number, kept.id))
    type_.verbs.binned(actor, gone)
    return Undone(moved.count, done.changed, moved.left, done.refused, done.waiting, done.withdrawn)


def _gone(type_: RecordType, kept: Merge) -> Any:
    statement = select(type_.entity).where(type_.entity.id == kept.gone_id).with_for_update()
    with unscoped("it is in nobody's list while it is merged; who may separate it is asked below"):
        return db.session.scalars(statement).first()


class _Fields:
    """What the fields of the two become."""

    def __init__(self, actor: Actor, type_: RecordType, survivor: Any, gone: Any, kept: Merge) -> None:
        self.actor, self.type, self.survivor, self.gone, self.kept = actor, type_, survivor, gone, kept
        self.fields = {each.key: each for each in type_.open_to(actor).fields}
        self.changed: list[str] = []
        self.refused: list[Refused] = []
        self.waiting: list[str] = []
        self.withdrawn: list[str] = []

    def _label(self, key: str) -> str:
        return self.fields[key].label if key in self.fields else _HIDDEN

    def withdraw(self) -> None:
        """What the merge asked for and nobody has decided about is not asked for any more."""
        if not self.kept.waits:
            return
        mine = PendingChange.id.in_(self.kept.waits.values()), PendingChange.state == State.ASKED
        pending = db.session.scalars(select(PendingChange).where(*mine).with_for_update()).all()
        whole = self.type.verbs.open_fields(self.actor)
        told = {key: pair for each in pending for key, pair in _changes(whole, each)}
        end(pending, self.actor, State.WITHDRAWN)
        if told:
            record(self.actor, self.survivor, ChangeWithdrawn(told))
        self.withdrawn = [self._label(each.field) for each in pending]

    def change_back(self) -> None:
        whole = self.type.verbs.open_fields(self.actor)
        before, after = _unpacked(whole, self.kept.before), _unpacked(whole, self.kept.after)
        back: dict[str, Any] = {}
        for key in before:
            now = stored(self.survivor, whole[key]) if key in whole else None
            if key not in self.fields or not self.fields[key].writable_by(self.actor):
                self.refused.append((self._label(key), RuleBroken(_OTHERS)))
            elif self.fields[key].same(now, after[key]):
                back[key] = before[key]
            elif not self.fields[key].same(now, before[key]):
                self.changed.append(self._label(key))
        with because(origin.get().reason, takes_back=True):
            self._write(back)

    def _write(self, values: Mapping[str, Any]) -> None:
        """All of them; where that is refused, one after the other, so that one does not hinder the rest."""
        if not values:
            return
        try:
            with db.session.begin_nested():
                done = self.type.verbs.change(self.actor, self.survivor, values)
                db.session.flush()
        except (Invalid, RuleBroken) as problem:
            for key, value in values.items() if len(values) > 1 else ():
                self._write({key: value})
            if len(values) == 1:
                self.refused.append((self._label(min(values)), problem))
        else:
            self.waiting += map(self._label, done.waiting)

    def take_back(self) -> None:
        """What the one that was given up had given to the survivor, unless a third one has it by now."""
        self.gone.deleted_at = self.gone.merged_into_id = None
        for key, value in self.kept.taken.items():
            try:
                refuse_taken(
                    self.type.key, [self.fields[key]] if key in self.fields else [], [{key: value}], self.gone.id
                )
            except Invalid as problem:
                self.refused.append((self._label(key), problem))
            else:
                self.gone.custom = {**self.gone.custom, key: value}
        touch(self.gone)
        db.session.flush()


def _changes(fields: Mapping[str, Field], pending: PendingChange) -> Iterable[tuple[str, list[Any]]]:
    return changes_of(fields[pending.field], pending).items() if pending.field in fields else ()


def _unpacked(fields: Mapping[str, Field], values: Mapping[str, Any]) -> dict[str, Any]:
    return dict.fromkeys(values) | unpack(fields, {key: each for key, each in values.items() if each is not None})
