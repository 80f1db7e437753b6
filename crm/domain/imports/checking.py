"""The check: the file is read row by row into the staging table, parsed by the fields' own rules."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import delete, text

from crm.domain.imports.changes import Changes
from crm.domain.imports.cleaning import keep_findings
from crm.domain.imports.comparing import BY_ITSELF, can_compare
from crm.domain.imports.findings import PASSING, ImportFinding, ImportRehearsal, ImportTwin
from crm.domain.imports.judging import Judge, mapping_of
from crm.domain.imports.models import Import, ImportResult, ImportRow
from crm.domain.imports.proving import prove
from crm.domain.imports.rows import Problem, oddity
from crm.domain.imports.splitting import source_of, with_parts
from crm.domain.imports.states import RowState, State
from crm.domain.imports.turns import Stopped, advance, enter, file_of, fresh, owner_of, unhurried
from crm.infra import json, sheets
from crm.infra.db import db
from crm.infra.sheets import Batch, SheetError
from crm.kernel.access import Actor
from crm.kernel.bulk import array, copy_rows

_COLUMNS = ("import_id", "line", "state", "raw", "values", "problems", "match_key", "duplicate_id", "changes")

# The first of several like rows stays; a hash of the keys, however many, is the database's business.
_MARK_DUPLICATES = text("""
    WITH firsts AS (
        SELECT match_key, min(line) AS line FROM import_rows
        WHERE import_id = :id AND state = 'valid' AND match_key IS NOT NULL
        GROUP BY match_key HAVING count(*) > 1)
    UPDATE import_rows SET state = 'duplicate_file', duplicate_line = firsts.line
    FROM firsts
    WHERE import_id = :id AND state = 'valid' AND import_rows.match_key = firsts.match_key
    AND import_rows.line > firsts.line""")

# Of rows that came a moment ago it knows nothing, and plans twenty times the work.
_TELL_PLANNER = text("ANALYZE import_rows (import_id, line, state, match_key)")


def inspect(import_id: int, path: Path) -> Iterator[None]:
    """Look at the file. Each step of these generators is one transaction, which the job ends."""
    import_ = fresh(import_id, State.INSPECTING)
    sheet, encoding, delimiter = import_.sheet, import_.encoding, import_.delimiter
    try:
        found = sheets.inspect(path, filename=import_.filename, sheet=sheet, encoding=encoding, delimiter=delimiter)
    except SheetError as error:
        raise Stopped(error.message_id, **error.params) from error
    import_ = fresh(import_id, State.INSPECTING)
    import_.inspection = found.to_dict()
    enter(import_, State.MAPPING)
    yield


def check(import_id: int, path: Path) -> Iterator[None]:
    """Stage every row from the checkpoint on, then find the rows that are alike."""
    import_ = fresh(import_id, State.CHECKING)
    if import_.checked_line == 0:
        forget_rows(import_id)
        yield
    try:
        if import_.checked_line == 0:
            prove(import_, path)
            yield
        import_ = fresh(import_id, State.CHECKING)
        checker = _Checker(import_)
        with sheets.rows(path, file_of(import_), after=import_.checked_line) as reading:
            for batch in reading:
                import_ = fresh(import_id, State.CHECKING)
                unhurried()
                checker.take(import_, batch)
                yield
    except SheetError as error:
        raise Stopped(error.message_id, **error.params) from error
    import_ = fresh(import_id, State.CHECKING)
    db.session.execute(_TELL_PLANNER)
    marked = db.session.execute(_MARK_DUPLICATES, {"id": import_id}).rowcount  # type: ignore[attr-defined]
    import_.valid -= marked
    import_.duplicate_file += marked
    by_itself = can_compare(import_) and import_.rows <= BY_ITSELF
    enter(import_, State.COMPARING if by_itself else State.CHECKED)
    yield


def forget_rows(import_id: int) -> None:
    for table in (ImportRow, ImportResult, ImportFinding, ImportRehearsal, ImportTwin, *PASSING):
        db.session.execute(delete(table).where(table.import_id == import_id))


class _Checker:
    """Judges batches by one plan; `take` writes one of them with its counts and its checkpoint."""

    def __init__(self, import_: Import) -> None:
        file = file_of(import_)
        self.columns, self.splits = file.columns, import_.splits
        self.used = {source_of(column, self.columns, self.splits) for column in mapping_of(import_)}
        self.needed = max(self.used, default=-1) + 1
        self.judge: Judge | None = None

    def _judge(self, import_: Import, actor: Actor) -> Judge:
        """By the fields as they are now: an administrator may change them while a long file is read."""
        if self.judge is None or actor.shape != self.judge.actor.shape:
            self.judge = Judge(import_, actor)
        self.judge.actor = actor
        return self.judge

    def take(self, import_: Import, batch: Batch) -> None:
        judge = self._judge(import_, owner_of(import_))
        rows = [(line, with_parts(cells, self.columns, self.splits)) for line, cells in batch.rows]
        rows = [row for row in rows if import_.parent_id is None or any(row[1][at].strip() for at in judge.filled)]
        blank = batch.blank + len(batch.rows) - len(rows)  # of an import that follows, rows that say nothing of it
        changes = Changes()
        judged = judge.judge(rows, self._oddities(batch), changes)
        counts: Counter[str] = Counter(rows=len(rows), blank=blank)
        staged = []
        for at, ((_, cells), each) in enumerate(zip(rows, judged, strict=True)):
            counts[each.state.value] += 1
            counts["warned"] += bool(each.problems) and each.state is not RowState.INVALID
            values = json.dumps(each.values) if each.values is not None else None
            told, raw = json.dumps(each.problems) if each.problems else None, json.dumps(judge.plan.staged(cells))
            found = (each.line, each.state.value, raw, values, told, each.key, each.duplicate_id)
            staged.append((import_.id, *found, array(kinds) if (kinds := changes.of_row.get(at)) else None))
        added = {name: getattr(Import, name) + count for name, count in counts.items() if count}
        advance(import_, "checked_line", batch.line, fraction=batch.fraction, **added)
        copy_rows("import_rows", _COLUMNS, staged)
        keep_findings(import_.id, [line for line, _ in rows], changes)

    def _oddities(self, batch: Batch) -> dict[int, list[Problem]]:
        """By line, for the rows that have any."""
        found: dict[int, list[Problem]] = {}
        for flag in batch.flags:
            if problem := oddity(flag, self.needed, self.used):
                found.setdefault(flag.line, []).append(problem)
        return found
