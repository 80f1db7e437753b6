"""The check: the file is read row by row into the staging table, parsed by the fields' own rules."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import delete, text

from crm.domain.imports.changes import Changes
from crm.domain.imports.cleaning import keep_findings
from crm.domain.imports.models import Import, ImportFinding, ImportResult, ImportRow
from crm.domain.imports.plan import Plan
from crm.domain.imports.proving import prove, treatment_of
from crm.domain.imports.rows import BAD, Problem, oddity, problem_of
from crm.domain.imports.splitting import source_of, with_parts
from crm.domain.imports.states import RowState, State
from crm.domain.imports.targets import TARGETS
from crm.domain.imports.turns import Stopped, advance, enter, file_of, fresh, inspection_of, owner_of, unhurried
from crm.infra import json, sheets
from crm.infra.db import db
from crm.infra.sheets import Batch, SheetError
from crm.kernel.access import Actor
from crm.kernel.bulk import copy_rows
from crm.kernel.fields import Context, Reading
from crm.kernel.packing import pack

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
    marked = db.session.execute(_MARK_DUPLICATES, {"id": import_id}).rowcount  # type: ignore[attr-defined]
    import_.valid -= marked
    import_.duplicate_file += marked
    enter(import_, State.CHECKED)
    yield


def forget_rows(import_id: int) -> None:
    for table in (ImportRow, ImportResult, ImportFinding):
        db.session.execute(delete(table).where(table.import_id == import_id))


class _Checker:
    """Parses batches by one plan; `take` writes one of them with its counts and its checkpoint."""

    def __init__(self, import_: Import) -> None:
        self.mapping = {int(column): key for column, key in (import_.mapping or {}).items() if key}
        file = file_of(import_)
        self.used = {source_of(column, file.columns, import_.splits) for column in self.mapping}
        self.needed = max(self.used, default=-1) + 1
        self.shape: int | None = None

    def _plan(self, import_: Import, actor: Actor) -> None:
        """By the fields as they are now: an administrator may change them while a long file is read."""
        if actor.shape != self.shape:
            self.shape = actor.shape
            self.record_type = TARGETS[import_.record_type].open_to(actor)
            self.plan = Plan(
                self.record_type.fields, self.mapping, inspection_of(import_).headings, treatment_of(import_)
            )

    def take(self, import_: Import, batch: Batch) -> None:
        actor = owner_of(import_)
        self._plan(import_, actor)
        batch = self._divided(import_, batch)
        changes = Changes()
        readings = self.plan.read([cells for _, cells in batch.rows], Context(actor), changes)
        problems = self._problems(batch, readings)
        keys = [
            None
            if line in problems and _is_bad(problems[line])
            else self.record_type.matching.match_key(reading.values)
            for (line, _), reading in zip(batch.rows, readings, strict=True)
        ]
        stored = self.record_type.matching.matches(actor, {key for key in keys if key is not None})
        counts: Counter[str] = Counter(rows=len(batch.rows), blank=batch.blank)
        staged = []
        for at, ((line, cells), reading, key) in enumerate(zip(batch.rows, readings, keys, strict=True)):
            found = problems.get(line)
            state = _state(found, key, stored)
            counts[state.value] += 1
            counts["warned"] += found is not None and state is not RowState.INVALID
            values = None if state is RowState.INVALID else json.dumps(pack(reading.values))
            told, raw = json.dumps(found) if found else None, json.dumps(self.plan.staged(cells))
            done = changes.of_row.get(at)
            staged.append((import_.id, line, state.value, raw, values, told, key, stored.get(key or ""), done))
        added = {name: getattr(Import, name) + count for name, count in counts.items() if count}
        advance(import_, "checked_line", batch.line, fraction=batch.fraction, **added)
        copy_rows("import_rows", _COLUMNS, staged)
        keep_findings(import_.id, [line for line, _ in batch.rows], changes)

    def _divided(self, import_: Import, batch: Batch) -> Batch:
        """With the parts of the columns that were divided."""
        if not import_.splits:
            return batch
        columns = file_of(import_).columns
        return batch._replace(rows=[(line, with_parts(cells, columns, import_.splits)) for line, cells in batch.rows])

    def _problems(self, batch: Batch, readings: Sequence[Reading]) -> dict[int, list[Problem]]:
        """By line, for the rows that have any."""
        problems: dict[int, list[Problem]] = {}
        for flag in batch.flags:
            if problem := oddity(flag, self.needed, self.used):
                problems.setdefault(flag.line, []).append(problem)
        for (line, _), reading in zip(batch.rows, readings, strict=True):
            if reading.problems:
                found = [problem_of(key, self.plan.first_column(key), error) for key, error in reading.problems.items()]
                problems.setdefault(line, []).extend(sorted(found, key=lambda problem: problem[1] or 0))
        return problems


def _is_bad(problems: Sequence[Problem]) -> bool:
    return any(each[4] == BAD for each in problems)


def _state(problems: list[Problem] | None, key: str | None, stored: dict[str, int]) -> RowState:
    if problems and _is_bad(problems):
        return RowState.INVALID
    return RowState.DUPLICATE_STORED if key in stored else RowState.VALID
