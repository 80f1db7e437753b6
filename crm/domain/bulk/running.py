"""A worker's turn at a change of many records: batches that are one transaction each.

The row of the change is locked for as long as a batch lasts, and a record's item is written together with
the record. So however many workers there are, and however one of them dies, no record is changed twice
and none is left out.
"""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, literal, or_, select, update

from crm.domain.bulk.deeds import DEEDS, allowed, do, needed, unpacked
from crm.domain.bulk.events import BulkFailed, BulkFinished
from crm.domain.bulk.models import UNDOABLE, BulkChange, BulkItem, Outcome, State
from crm.domain.people.models import Person
from crm.domain.registry import RECORD_TYPES
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.asking import Query
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import because, record
from crm.kernel.listening import as_run
from crm.kernel.refusing import REFUSED, said
from crm.kernel.text import N_

BATCH = 200
ATTEMPTS = 6  # turns without any progress before it is given up
_CHANGED_SINCE = N_("It was changed again since, so it keeps what it has now.")


def take_next() -> BulkChange | None:
    """The change that waits longest for a worker, locked until the transaction ends."""
    statement = (
        select(BulkChange)
        .where(BulkChange.state == State.RUNNING)
        .where(or_(BulkChange.retry_at.is_(None), BulkChange.retry_at <= clock.now()))
        .order_by(BulkChange.progressed_at.asc().nulls_first(), BulkChange.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(statement).first()


def step(bulk: BulkChange) -> None:
    """Do one batch; RuleBroken when the change cannot go on at all."""
    if bulk.attempts >= ATTEMPTS:
        raise RuleBroken(N_("It was tried %(count)s times and got no further."), count=ATTEMPTS)
    with because(bulk.reason, takes_back=bulk.undo_of_id is not None):
        with as_run(f"bulk_changes:{bulk.id}", heard=bulk.automates):
            more = _take(_Turn(bulk))
        if not more:
            _finish(bulk)
    bulk.progressed_at, bulk.attempts, bulk.retry_at = clock.now(), 0, None


def _take(turn: "_Turn") -> bool:
    """Whether there was anything left to do."""
    bulk = turn.bulk
    if bulk.total is None:
        bulk.total = turn.collect()
    elif waiting := turn.waiting():
        turn.deal_with(waiting)
    else:
        return False
    return True


def _finish(bulk: BulkChange) -> None:
    bulk.state, bulk.finished_at = State.DONE, clock.now()
    counts = {each.value: getattr(bulk, each.value) for each in Outcome}
    record(Actor(bulk.owner_id), bulk, BulkFinished(bulk.total or 0, **counts))


def fail(bulk_id: int, reason: RuleBroken) -> None:
    bulk = _locked(bulk_id)
    if bulk.state == State.RUNNING:
        bulk.state, bulk.finished_at = State.FAILED, clock.now()
        bulk.problem = {"message": reason.message, "params": reason.params}
        record(Actor(bulk.owner_id), bulk, BulkFailed(str(reason)))


def put_off(bulk_id: int) -> None:
    """After trouble that may pass: longer each time."""
    bulk = _locked(bulk_id)
    bulk.attempts += 1
    bulk.retry_at = clock.now() + dt.timedelta(seconds=2**bulk.attempts)


def _locked(bulk_id: int) -> BulkChange:
    return db.session.get_one(BulkChange, bulk_id, populate_existing=True, with_for_update=True)


class _Turn:
    def __init__(self, bulk: BulkChange) -> None:
        self.bulk = bulk
        self.deed = DEEDS[bulk.action]
        self.actor = self._owner()
        self.type = RECORD_TYPES[bulk.record_type].open_to(self.actor)
        self._check_rights()

    def _owner(self) -> Actor:
        """Whoever it runs for, with the rights they have now."""
        person = db.session.get(Person, self.bulk.owner_id, populate_existing=True)
        if person is None or not person.active:
            raise RuleBroken(N_("The account it runs for was switched off. What is changed stays changed."))
        actor: Actor = person.actor
        return actor

    def _check_rights(self) -> None:
        if gone := self.bulk.values.keys() - self.type.by_key().keys():
            raise RuleBroken(N_("There is no field called “%(field)s”."), field=min(gone))
        self.needed = needed(self.type, self.deed, self.bulk.values)
        for permission in self.needed:
            if not self.actor.may(permission):
                raise RuleBroken(
                    N_("%(name)s, for whom it runs, no longer has the right “%(permission)s”."),
                    name=self.actor.name,
                    permission=str(permission),
                )
        if self.deed.claims and not allowed(self.actor, self.type, self.deed, {}):
            raise RuleBroken(N_("You may not do this to many records at once."))

    @property
    def spec(self) -> Any:
        return self.type.bin if self.deed.on_binned else self.type.list

    def collect(self) -> int:
        """Write down which records it is about: from now on neither more nor fewer."""
        items = insert(BulkItem).from_select(["bulk_id", "record_id"], self._asked())
        written = db.session.execute(items.execution_options(preserve_rowcount=True))
        return int(written.rowcount)  # type: ignore[attr-defined]

    def _asked(self) -> Any:
        id_ = literal(self.bulk.id)
        if self.bulk.undo_of_id is not None:
            return select(id_, BulkItem.record_id).where(
                BulkItem.bulk_id == self.bulk.undo_of_id, BulkItem.outcome.in_(UNDOABLE)
            )
        entity, asked = self.spec.entity, self.bulk.asked
        if "ids" in asked:
            found = entity.visible_to(self.actor).where(entity.id.in_(asked["ids"]))
        else:
            try:
                found = self.spec.select(self.actor, Query.from_args(asked["query"]))
            except Invalid as problem:
                raise RuleBroken(problem.message, **problem.params) from problem
        return found.with_only_columns(id_, entity.id)

    def waiting(self) -> Sequence[int]:
        statement = select(BulkItem.record_id).where(BulkItem.bulk_id == self.bulk.id, BulkItem.outcome.is_(None))
        return db.session.scalars(statement.order_by(BulkItem.record_id).limit(BATCH)).all()

    def deal_with(self, ids: Sequence[int]) -> None:
        entity = self.spec.entity
        statement = entity.visible_to(self.actor).where(entity.id.in_(ids)).order_by(entity.id).with_for_update()
        records = {each.id: each for each in db.session.scalars(statement)}
        originals = self._originals(ids)
        done = [self._item(id_, self._outcome(records.get(id_), originals.get(id_))) for id_ in ids]
        db.session.execute(update(BulkItem), done)
        for outcome, count in Counter(each["outcome"].value for each in done).items():
            setattr(self.bulk, outcome, getattr(self.bulk, outcome) + count)

    def _originals(self, ids: Sequence[int]) -> Mapping[int, Any]:
        """Of what is taken back: record → what it had before and the version it got."""
        if self.bulk.undo_of_id is None:
            return {}
        statement = select(BulkItem.record_id, BulkItem.before, BulkItem.version)
        rows = db.session.execute(
            statement.where(BulkItem.bulk_id == self.bulk.undo_of_id, BulkItem.record_id.in_(ids))
        )
        return {row.record_id: row for row in rows}

    def _item(self, id_: int, given: dict[str, Any]) -> dict[str, Any]:
        blank = {"before": None, "version": None, "problem": None}
        return {"bulk_id": self.bulk.id, "record_id": id_} | blank | given

    def _outcome(self, found: Any, original: Any) -> dict[str, Any]:
        if found is None or (self.bulk.undo_of_id is not None and original is None):
            return {"outcome": Outcome.GONE}
        if not all(self.actor.holds(found, each) for each in self.needed):
            return {"outcome": Outcome.DENIED}
        if original is not None and found.version != original.version:
            return {"outcome": Outcome.REFUSED, "problem": {"message": _CHANGED_SINCE, "params": {}}}
        values = unpacked(self.type.by_key(), self.bulk.values if original is None else original.before or {})
        try:
            with db.session.begin_nested():
                changed, before = do(self.actor, self.type, self.deed, found, values)
        except REFUSED as error:
            return {"outcome": Outcome.REFUSED, "problem": said(error)}
        if not (changed or changed.waiting):
            return {"outcome": Outcome.UNCHANGED}
        return {
            "outcome": Outcome.WAITING if changed.waiting else Outcome.CHANGED,
            "before": before,
            "version": found.version,
        }
