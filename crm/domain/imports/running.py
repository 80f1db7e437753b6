"""The run: staged rows become records, in batches that are one transaction each with events, results and checkpoint."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Select, exists, null, select
from sqlalchemy.exc import DataError, IntegrityError

from crm.domain.imports.chaining import let_follow
from crm.domain.imports.matching import Matcher
from crm.domain.imports.models import Import, ImportResult, ImportRow
from crm.domain.imports.results import Result, Row, keep_results, one_each
from crm.domain.imports.states import WRITING, Outcome, RowState, State
from crm.domain.imports.targets import TARGETS, Target
from crm.domain.imports.turns import advance, enter, fresh, owner_of, unhurried
from crm.domain.records.external import LONGEST, keep_called
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.listening import as_run
from crm.kernel.packing import stored, unpack, whole
from crm.kernel.records import RecordType
from crm.kernel.text import N_, clean

BATCH = 2_000
_REFUSED = (RuleBroken, Invalid, IntegrityError, DataError)
_GONE = N_("The existing record was removed or given to someone else meanwhile.")
_NOT_STORED = N_("The database refused this row: something it refers to was removed meanwhile.")


def run(import_id: int, path: Path) -> Iterator[None]:
    """Each step is one transaction, which the job ends."""
    import_ = fresh(import_id, State.RUNNING)
    while batch := next_rows(import_, import_.run_line):
        unhurried()
        with as_run(f"imports:{import_.id}", heard=import_.automates):
            results = Batch(import_, owner_of(import_)).results(batch)
        _write(import_, results, batch[-1].line)
        yield
        import_ = fresh(import_id, State.RUNNING)
    enter(import_, State.DONE)
    if import_.passes == 1:
        let_follow(import_)
    yield


def rows_to_run(import_: Import) -> Select[Any]:
    """(line, state, values, match_key, id in the other system) by line."""
    at = import_.source_column
    external: Any = null() if at is None else ImportRow.raw[at].as_string()
    columns = (ImportRow.line, ImportRow.state, ImportRow.values, ImportRow.match_key, external.label("external"))
    return select(*columns).where(ImportRow.import_id == import_.id).order_by(ImportRow.line)


def next_rows(import_: Import, after: int) -> Sequence[Any]:
    """A batch of the rows behind a line that have still to become something."""
    statement = rows_to_run(import_).where(ImportRow.line > after).limit(BATCH)
    if import_.passes > 1:  # only what has no result any more
        done = (ImportResult.import_id == import_.id) & (ImportResult.line == ImportRow.line)
        statement = statement.where(~exists().where(done))
    return db.session.execute(statement).all()


def _write(import_: Import, results: Sequence[Result], line: int) -> None:
    counts = Counter(each.outcome.value for each in results)
    changes = {name: getattr(Import, name) + count for name, count in counts.items()}
    fraction = (import_.reached + len(results)) / import_.rows
    advance(import_, "run_line", line, fraction=fraction, **changes)
    keep_results("import_results", import_.id, results)


@dataclass
class Batch:
    """What becomes of one batch of rows, as the person chose for duplicates."""

    import_: Import
    actor: Actor
    done: list[Result] = field(default_factory=list)

    @cached_property
    def record_type(self) -> Target:
        return TARGETS[self.import_.record_type].open_to(self.actor)

    def results(self, staged: Sequence[Any]) -> list[Result]:
        fields = self.record_type.by_key()
        rows = []
        for line, state, values, key, external in staged:
            if state == RowState.INVALID:  # its problems stand in the staging table
                self.done.append(Result(line, Outcome.FAILED))
            else:
                rows.append(Row(line, unpack(fields, values), key, clean(external or "")[:LONGEST]))
        new, alike = self._divide(rows)
        made = self._create(new)
        self._settle([(row, made.get(like) if isinstance(like, str) else like) for row, like in alike])
        self._call(rows)
        return sorted(self.done, key=lambda result: result[0])

    def _call(self, rows: Sequence[Row]) -> None:
        """Keep what the records are called by in the other system."""
        called = {row.line: row.external for row in rows if row.external}
        if called:
            pairs = [(id_, called[line]) for line, _, id_, *_ in self.done if id_ is not None and line in called]
            keep_called(self.record_type.key, self.import_.source, pairs, self.import_.id)

    def _divide(self, rows: Sequence[Row]) -> tuple[list[Row], list[tuple[Row, int | str]]]:
        """New rows, and those like a stored record (its id) or like an earlier row of this batch (its key).

        Asked anew although the check has asked before: much may have been stored since, by this import as well.
        """
        if self.import_.duplicates == "create":
            return list(rows), []
        matcher = Matcher(self.record_type, self.import_.source)
        stored = matcher.stored(self.actor, {row.key: row.values for row in rows if row.key is not None})
        new: list[Row] = []
        alike: list[tuple[Row, int | str]] = []
        seen: set[str] = set()
        for row in rows:
            if row.key is not None and (row.key in stored or row.key in seen):
                alike.append((row, stored.get(row.key, row.key)))
                continue
            new.append(row)
            if row.key is not None:
                seen.add(row.key)
        return new, alike

    def _create(self, rows: Sequence[Row]) -> dict[str, int]:
        """Match key → id of what was made. A row that the verb refuses is found by halving and fails alone."""
        if not rows:
            return {}
        try:
            with db.session.begin_nested():
                ids = self.record_type.verbs.create_many(
                    self.actor,
                    [row.values for row in rows],
                    import_id=self.import_.id,
                    lines=[row.line for row in rows],
                )
        except _REFUSED as error:
            if len(rows) > 1:
                middle = len(rows) // 2
                return self._create(rows[:middle]) | self._create(rows[middle:])
            self.done.append(Result(rows[0].line, Outcome.FAILED, None, _problem(error)))
            return {}
        self.done += [Result(row.line, Outcome.CREATED, id_) for row, id_ in zip(rows, ids, strict=True)]
        return {row.key: id_ for row, id_ in zip(rows, ids, strict=True) if row.key is not None}

    def _settle(self, alike: Sequence[tuple[Row, int | None]]) -> None:
        """Rows like a record: left out, or written over it. None: the row it was like has failed."""
        made: dict[str, int] = {}
        found: list[tuple[Row, int]] = []
        for row, id_ in alike:
            like = id_ if id_ is not None else made.get(row.key or "")
            if like is None:
                made |= self._create([row])
            else:
                found.append((row, like))
        if self.import_.duplicates in WRITING:
            for some in one_each(found):
                self._update(some if self.import_.duplicates == "update" else self._filling(some))
        else:
            self.done += [Result(row.line, Outcome.SKIPPED, id_) for row, id_ in found]

    def _filling(self, rows: Sequence[tuple[Row, int]]) -> list[tuple[Row, int]]:
        """The rows with what is empty in their records; one that has nothing for its record is left out."""
        records, fields = self._records([id_ for _, id_ in rows]), self.record_type.by_key()
        found = []
        for row, id_ in rows:
            one = records.get(id_)
            empty = {
                key: value
                for key, value in row.values.items()
                if value is not None and (one is None or stored(one, fields[key]) in (None, []))
            }
            if empty:
                found.append((replace(row, values=empty), id_))
            else:
                self.done.append(Result(row.line, Outcome.SKIPPED, id_))
        return found

    def _update(self, rows: Sequence[tuple[Row, int]]) -> None:
        if not rows:
            return
        try:
            with db.session.begin_nested():
                records = self._records([id_ for _, id_ in rows])
                before = self._stored(rows, records)
                kept = set(
                    self.record_type.verbs.change_many(
                        self.actor,
                        [(id_, row.values) for row, id_ in rows],
                        import_id=self.import_.id,
                        lines=[row.line for row, _ in rows],
                    )
                )
                after = self._stored(rows, records)
        except _REFUSED as error:
            if len(rows) > 1:
                middle = len(rows) // 2
                self._update(rows[:middle])
                self._update(rows[middle:])
            else:
                self.done.append(Result(rows[0][0].line, Outcome.FAILED, rows[0][1], _problem(error)))
            return
        for row, id_ in rows:
            if id_ not in kept:
                self.done.append(Result(row.line, Outcome.FAILED, id_, {"message": _GONE, "params": {}}))
                continue
            was = {key: value for key, value in before[id_].items() if value != after[id_].get(key)}
            self.done.append(Result(row.line, Outcome.UPDATED, id_, before=was))

    def _records(self, ids: Sequence[int]) -> dict[int, Any]:
        assert isinstance(self.record_type, RecordType)
        entity = self.record_type.entity
        return {each.id: each for each in db.session.scalars(entity.visible_to(self.actor).where(entity.id.in_(ids)))}

    def _stored(self, rows: Sequence[tuple[Row, int]], records: Mapping[int, Any]) -> dict[int, dict[str, Any]]:
        """Record → what it has in the fields that its row fills, packed."""
        fields = self.record_type.by_key()
        return {
            id_: whole(
                {key: stored(records[id_], fields[key]) for key, value in row.values.items() if value is not None}
            )
            for row, id_ in rows
            if id_ in records
        }


def _problem(error: Exception) -> dict[str, Any]:
    if isinstance(error, RuleBroken | Invalid):
        return {"message": error.message, "params": error.params}
    return {"message": _NOT_STORED, "params": {}}
