"""Rows that could not go in, put right cell by cell: before the run, or after it for another of just these."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, delete, exists, func, select

from crm.domain.imports.changes import Changes
from crm.domain.imports.cleaning import keep_findings
from crm.domain.imports.events import ImportRowsFixed, ImportStarted
from crm.domain.imports.judging import Judge, Judged, mapping_of
from crm.domain.imports.models import Import, ImportResult, ImportRow
from crm.domain.imports.rows import BAD, cell
from crm.domain.imports.states import Outcome, RowState, State
from crm.domain.imports.turns import owner_of
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import RuleBroken
from crm.kernel.events import record
from crm.kernel.text import N_

PAGE = 50
_COUNTED = {
    RowState.VALID: "valid",
    RowState.INVALID: "invalid",
    RowState.DUPLICATE_FILE: "duplicate_file",
    RowState.DUPLICATE_STORED: "duplicate_stored",
}
_FIXABLE = (State.CHECKED, State.DONE, State.FAILED)

Given = Mapping[int, Mapping[int, tuple[str, str]]]  # line → column → (what stood there, what is to stand there)


@dataclass(frozen=True)
class Fixed:
    """How many rows are good now, still wrong, and left alone since somebody else changed them meanwhile."""

    good: int = 0
    wrong: int = 0
    overtaken: int = 0


def is_fixable(actor: Actor, import_: Import) -> bool:
    """By whoever brought the file, as long as its rows are kept and it was not taken back."""
    kept = import_.purged_at is None and import_.undone_at is None
    if import_.followed and import_.state == State.DONE:  # what belongs to such a row would not follow any more
        return False
    return actor.id == import_.owner_id and kept and import_.state in _FIXABLE and import_.mapping is not None


def rows_to_fix(import_: Import, after: int = 0, size: int = PAGE) -> Sequence[ImportRow]:
    """Rows that cannot go in, behind a line: one page and one more. By ix_import_rows_state."""
    statement = select(ImportRow).where(ImportRow.import_id == import_.id, ImportRow.line > after)
    bad = statement.where(ImportRow.state == RowState.INVALID)
    return db.session.scalars(bad.order_by(ImportRow.line).limit(size + 1)).all()


def bad_columns(row: ImportRow) -> list[int]:
    """Those whose cells are why it cannot go in, each once."""
    return list(dict.fromkeys(each[1] for each in row.problems or () if each[4] == BAD and each[1] is not None))


def opened_cells(actor: Actor, import_: Import, row: ImportRow) -> list[str]:
    """The cells as whoever brought the file wrote them."""
    judge = Judge(import_, actor)
    return _opened(judge, mapping_of(import_), row)


def _opened(judge: Judge, mapping: Mapping[int, str], row: ImportRow) -> list[str]:
    fields = judge.record_type.by_key()
    return [cell(fields.get(mapping.get(at, "")), each) for at, each in enumerate(row.raw)]


def fix(actor: Actor, import_: Import, given: Given) -> Fixed:
    """Put cells right and judge their rows anew; the counts move along. Of two people the second is told: a row whose
    cell is not what they saw stays as it is."""
    _only_fixable(actor, import_)
    db.session.refresh(import_, with_for_update=True)
    _only_fixable(actor, import_)
    judge, mapping = Judge(import_, owner_of(import_)), mapping_of(import_)
    wanted = select(ImportRow).where(ImportRow.import_id == import_.id, ImportRow.line.in_(given))
    wanted = wanted.where(ImportRow.state == RowState.INVALID)
    rows, cells, overtaken = [], [], 0
    for row in db.session.scalars(wanted.order_by(ImportRow.line).with_for_update()):
        now = _opened(judge, mapping, row)
        changes = {at: pair for at, pair in given[row.line].items() if at in mapping and at in bad_columns(row)}
        if any(at < len(now) and now[at] != was for at, (was, _) in changes.items()):
            overtaken += 1
        elif any(was != new for was, new in changes.values()):
            rows.append(row)
            cells.append([changes[at][1] if at in changes else each for at, each in enumerate(now)])
    before = [_opened(judge, mapping, row) for row in rows]
    judged = _judged_anew(import_, judge, rows, before, cells)
    good = sum(each.state is not RowState.INVALID for each in judged)
    if rows:
        record(actor, import_, ImportRowsFixed(good, len(rows) - good))
    return Fixed(good, len(rows) - good, overtaken)


def _judged_anew(
    import_: Import, judge: Judge, rows: Sequence[ImportRow], before: Sequence[list[str]], after: Sequence[list[str]]
) -> list[Judged]:
    lines = [row.line for row in rows]
    odd = {row.line: [each for each in row.problems or () if each[0] is None] for row in rows}
    was, now = Changes(), Changes()
    judge.judge(list(zip(lines, before, strict=True)), odd, was)
    judged = judge.judge(list(zip(lines, after, strict=True)), odd, now)
    firsts = _like_in_file(import_, judged)
    import_.rehearsal = None
    for at, (row, each) in enumerate(zip(rows, judged, strict=True)):
        state = RowState.DUPLICATE_FILE if each.state is RowState.VALID and each.key in firsts else each.state
        row.raw, row.values, row.problems = judge.plan.staged(after[at]), each.values, each.problems or None
        row.match_key, row.duplicate_id, row.changes = each.key, each.duplicate_id, now.of_row.get(at)
        row.state, row.duplicate_line = state.value, firsts.get(each.key or "")
        if state is not RowState.INVALID:
            import_.invalid -= 1
            setattr(import_, _COUNTED[state], getattr(import_, _COUNTED[state]) + 1)
            import_.warned += bool(each.problems)
            if each.key and state is RowState.VALID:  # of several corrected to be alike the first stays
                firsts.setdefault(each.key, row.line)
    now.counts.subtract(was.counts)
    keep_findings(import_.id, lines, now)
    return judged


def _like_in_file(import_: Import, judged: Sequence[Judged]) -> dict[str, int]:
    """Match key → the first row of the file that has it and can go in."""
    keys = {each.key for each in judged if each.key is not None}
    if not keys:
        return {}
    statement = select(ImportRow.match_key, func.min(ImportRow.line)).where(
        ImportRow.import_id == import_.id, ImportRow.match_key.in_(keys), ImportRow.state != RowState.INVALID
    )
    return {str(key): line for key, line in db.session.execute(statement.group_by(ImportRow.match_key))}


def _failed_but_good(import_: Import) -> Any:
    """Results of rows that failed and could go in now."""
    good = exists().where(
        ImportRow.import_id == import_.id, ImportRow.line == ImportResult.line, ImportRow.state != RowState.INVALID
    )
    failed = and_(ImportResult.import_id == import_.id, ImportResult.outcome == Outcome.FAILED)
    return and_(failed, good)


def corrected(import_: Import) -> int:
    """Rows that failed in the run and could go in now."""
    return db.session.scalar(select(func.count()).select_from(ImportResult).where(_failed_but_good(import_))) or 0


def run_again(actor: Actor, import_: Import) -> None:
    """Import the rows that failed and were corrected since; duplicates as was chosen."""
    _only_fixable(actor, import_)
    db.session.refresh(import_, with_for_update=True)
    if not is_fixable(actor, import_) or import_.state != State.DONE:
        raise RuleBroken(_TOO_LATE)
    owner_of(import_)
    count = db.session.execute(delete(ImportResult).where(_failed_but_good(import_))).rowcount  # type: ignore[attr-defined]
    if not count:
        raise RuleBroken(N_("No row was corrected since."))
    import_.failed -= count
    import_.passes += 1
    import_.state, import_.finished_at, import_.run_line, import_.attempts = State.RUNNING, None, 0, 0
    import_.fraction, import_.phase_began_at = import_.reached / import_.rows, None
    record(actor, import_, ImportStarted(import_.duplicates or "", import_.automates))


_TOO_LATE = N_("These rows cannot be corrected any more: look at where the import stands.")


def _only_fixable(actor: Actor, import_: Import) -> None:
    if not is_fixable(actor, import_):
        raise RuleBroken(_TOO_LATE)
