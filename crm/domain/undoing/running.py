"""A worker's turn at an undo: batches that are one transaction each.

The undo's row is locked for as long as a batch lasts, and what became of a row of the file is written together with the
record and the place reached. So however many workers there are, and however one of them dies, each record is dealt with
exactly once.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import func, or_, select

from crm.domain.imports.models import Import, ImportResult, ImportRow
from crm.domain.imports.states import Outcome as Became
from crm.domain.imports.targets import TARGETS
from crm.domain.imports.ways import became
from crm.domain.people.models import Person
from crm.domain.registry import RECORD_TYPES
from crm.domain.undoing import called, recalling
from crm.domain.undoing.applying import apply
from crm.domain.undoing.deciding import Deciding, Decision, Row
from crm.domain.undoing.events import Redone, UndoFailed, Undone
from crm.domain.undoing.follow_ups import DecidingFollowUps
from crm.domain.undoing.models import ImportUndo, ImportUndoRow, Kind, Outcome, State, Step
from crm.infra import clock, json
from crm.infra.db import db
from crm.kernel.access import Actor, unscoped
from crm.kernel.bulk import copy_rows
from crm.kernel.errors import RuleBroken
from crm.kernel.events import record
from crm.kernel.listening import as_run
from crm.kernel.refusing import apart
from crm.kernel.text import N_

BATCH = 1_000
ATTEMPTS = 6  # turns without any progress before it is given up
_CHANGED = (Became.UPDATED.value, Became.MERGED.value)
DID = (Became.CREATED.value, *_CHANGED)
_PUT = (Outcome.REMOVED.value, Outcome.RESTORED.value, Outcome.PARTLY.value)  # what can be made again
_COLUMNS = ("undo_id", "line", "record_type", "record_id", "outcome", "fields", "conflicts")


def take_next() -> ImportUndo | None:
    """The one that waits longest for a worker, locked until the transaction ends."""
    statement = (
        select(ImportUndo)
        .where(ImportUndo.state == State.RUNNING)
        .where(or_(ImportUndo.retry_at.is_(None), ImportUndo.retry_at <= clock.now()))
        .order_by(ImportUndo.progressed_at.asc().nulls_first(), ImportUndo.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(statement).first()


def step(undo: ImportUndo) -> None:
    """Do one batch; RuleBroken when it cannot go on at all."""
    if undo.attempts >= ATTEMPTS:
        raise RuleBroken(N_("It was tried %(count)s times and got no further."), count=ATTEMPTS)
    import_ = import_of(undo)
    actor = _actor(undo, import_)
    with as_run(f"import_undos:{undo.id}", heard=False):
        if undo.step == Step.ROWS:
            more = _rows(undo, import_, actor)
        else:
            more = recalling.STEPS[undo.step](undo, import_, actor)
    if not more:
        following = _after(undo)
        if following is None:
            _finish(undo, import_, actor)
        else:
            undo.step, undo.line = following, None
    undo.progressed_at, undo.attempts, undo.retry_at = clock.now(), 0, None


def import_of(undo: ImportUndo) -> Import:
    with unscoped("a worker serves everybody's imports"):
        return db.session.get_one(Import, undo.import_id, populate_existing=True)


def _after(undo: ImportUndo) -> Step | None:
    steps = list(Step)[:2] if undo.kind == Kind.REDO else list(Step)
    at = steps.index(Step(undo.step)) + 1
    return steps[at] if at < len(steps) else None


def _actor(undo: ImportUndo, import_: Import) -> Actor:
    """Whoever it runs for, with the rights they have now."""
    person = db.session.get(Person, undo.by_id, populate_existing=True)
    if person is None or not person.active:
        raise RuleBroken(N_("The account it runs for was switched off. What is changed stays changed."))
    actor: Actor = person.actor
    may = TARGETS[import_.record_type].may_import
    if "imports" not in actor.modules or not actor.may(may):
        raise RuleBroken(
            N_("%(name)s, for whom it runs, no longer has the right “%(permission)s”."),
            name=actor.name,
            permission=str(may),
        )
    return actor


def _rows(undo: ImportUndo, import_: Import, actor: Actor) -> bool:
    """Whether there was anything left to do."""
    preview = undo.kind == Kind.PREVIEW
    deciding: Any = Deciding(import_, actor, preview)
    if import_.record_type not in RECORD_TYPES:
        deciding = DecidingFollowUps(import_, actor, preview)
    redone = undo.kind == Kind.REDO
    decisions: list[Decision] = []
    for decided in _redone(undo, deciding) if redone else _undone(undo, deciding):
        if preview:
            pass
        elif isinstance(deciding, DecidingFollowUps):
            deciding.apply(decided)
        else:
            apply(deciding, decided)
            called.given_again(import_, decided) if redone else called.taken_back(import_, decided)
        decisions += decided
    if not decisions:
        return False
    _write(undo, import_, decisions)
    return True


def _undone(undo: ImportUndo, deciding: Any) -> Iterator[list[Decision]]:
    """From the last line to the first, so that what a record had before is what it had before the import."""
    statement = (
        select(ImportResult, ImportRow.values)
        .join(ImportRow, (ImportRow.import_id == ImportResult.import_id) & (ImportRow.line == ImportResult.line))
        .where(ImportResult.import_id == undo.import_id, ImportResult.outcome.in_(DID))
        .order_by(ImportResult.line.desc())
        .limit(BATCH)
    )
    if undo.line is not None:
        statement = statement.where(ImportResult.line < undo.line)
    rows = [_row(result, values, deciding) for result, values in db.session.execute(statement)]
    if undo.kind == Kind.PREVIEW:
        last = _last_lines(undo.import_id, [each.record_id for each in rows])
        for row in rows:
            row.again = last.get(row.record_id, 0) > row.line
    for some in apart(rows, of=_record):
        yield deciding.undo(some)


def _last_lines(import_id: int, ids: Sequence[int]) -> dict[int, int]:
    """Record → the last line that changed it."""
    asked = select(ImportResult.record_id, func.max(ImportResult.line).label("line")).where(
        ImportResult.import_id == import_id, ImportResult.outcome.in_(_CHANGED)
    )
    rows = db.session.execute(asked.where(ImportResult.record_id.in_(ids)).group_by(ImportResult.record_id))
    return {row.record_id: row.line for row in rows}


def _redone(undo: ImportUndo, deciding: Any) -> Iterator[list[Decision]]:
    """From the first line to the last, what the undo took back."""
    on = (ImportRow.import_id == undo.import_id) & (ImportRow.line == ImportUndoRow.line)
    result = (ImportResult.import_id == undo.import_id) & (ImportResult.line == ImportUndoRow.line)
    statement = (
        select(ImportResult, ImportRow.values, ImportUndoRow.fields)
        .select_from(ImportUndoRow)
        .join(ImportRow, on)
        .join(ImportResult, result)
        .where(ImportUndoRow.undo_id == undo.of_id, ImportUndoRow.outcome.in_(_PUT))
        .where(ImportUndoRow.line > (undo.line or 0))
        .order_by(ImportUndoRow.line)
        .limit(BATCH)
    )
    found = [(_row(one, values, deciding), fields or ()) for one, values, fields in db.session.execute(statement)]
    fields = {row.line: keys for row, keys in found}
    for some in apart([row for row, _ in found], of=_record):
        yield deciding.redo([(row, fields[row.line]) for row in some])


def _record(row: Row) -> int:
    return row.record_id


def _row(result: ImportResult, values: Any, deciding: Any) -> Row:
    before = result.before or {}
    made = became(result.outcome, getattr(deciding, "fields", {}), before, values or {})
    return Row(result.line, result.outcome, result.record_id or 0, before, made)


def _write(undo: ImportUndo, import_: Import, decisions: Sequence[Decision]) -> None:
    for outcome, count in Counter(each.outcome.value for each in decisions).items():
        setattr(undo, outcome, getattr(undo, outcome) + count)
    lines = [each.row.line for each in decisions]
    undo.line = max(lines) if undo.kind == Kind.REDO else min(lines)
    copy_rows(
        "import_undo_rows",
        _COLUMNS,
        (
            (undo.id, each.row.line, import_.record_type, each.row.record_id, each.outcome.value)
            + (json.dumps(sorted(each.put)) if each.put else None, _dumped(each.conflicts))
            for each in decisions
        ),
    )


def _dumped(conflicts: Sequence[Any]) -> str | None:
    return json.dumps(list(conflicts)) if conflicts else None


def _finish(undo: ImportUndo, import_: Import, actor: Actor) -> None:
    undo.state, undo.finished_at = State.DONE, clock.now()
    if undo.kind == Kind.UNDO:
        counts = (undo.removed, undo.restored, undo.partly, undo.kept, undo.gone)
        record(actor, import_, Undone(undo.id, *counts, undo.recalled, undo.withdrawn, undo.untold))
    elif undo.kind == Kind.REDO:
        import_.undone_at = None
        record(actor, import_, Redone(undo.id, undo.brought_back, undo.changed, undo.partly, undo.kept, undo.gone))


def fail(undo_id: int, reason: RuleBroken) -> None:
    undo = _locked(undo_id)
    if undo.state == State.RUNNING:
        undo.state, undo.finished_at = State.FAILED, clock.now()
        undo.problem = {"message": reason.message, "params": reason.params}
        record(Actor(undo.by_id), import_of(undo), UndoFailed(undo.id, str(reason)))


def put_off(undo_id: int) -> None:
    """After trouble that may pass: longer each time."""
    undo = _locked(undo_id)
    undo.attempts += 1
    undo.retry_at = clock.now() + dt.timedelta(seconds=2**undo.attempts)


def _locked(undo_id: int) -> ImportUndo:
    return db.session.get_one(ImportUndo, undo_id, populate_existing=True, with_for_update=True)
