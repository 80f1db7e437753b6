"""What becomes of one batch of rows: new records, changes of those that are here, or nothing, as people chose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from crm.domain.imports.matching import Matcher
from crm.domain.imports.models import Import
from crm.domain.imports.results import Result, Row
from crm.domain.imports.states import WRITING, Outcome, RowState
from crm.domain.imports.targets import TARGETS, Target
from crm.domain.imports.ways import folded
from crm.domain.records.external import LONGEST, keep_called
from crm.infra import words
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.packing import stored, unpack, whole
from crm.kernel.records import RecordType
from crm.kernel.refusing import apart, by_halves, said
from crm.kernel.text import N_, clean

_GONE = N_("The existing record was removed or given to someone else meanwhile.")
LEFT_OUT = "left_out"  # the way of a row that is alike, where such are to wait


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
        words.let_wait(self.record_type.key)
        fields = self.record_type.by_key()
        rows = []
        for each in staged:
            if each.state == RowState.INVALID:  # its problems stand in the staging table
                self.done.append(Result(each.line, Outcome.FAILED))
            else:
                called = clean(each.external or "")[:LONGEST]
                way = self._way(each)
                rows.append(Row(each.line, unpack(fields, each.values), each.match_key, called, way, each.decided_id))
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
        asked = {row.key: row.values for row in rows if row.key is not None and row.way != "create"}
        stored = Matcher(self.record_type, self.import_.source).stored(self.actor, asked)
        new: list[Row] = []
        alike: list[tuple[Row, int | str]] = []
        seen: set[str] = set()
        for row in rows:
            if row.decided_id is not None and row.way != "create":
                alike.append((row, row.decided_id))
            elif row.key in asked and row.way != "create" and (row.key in stored or row.key in seen):
                alike.append((row, stored.get(row.key, row.key)))
            elif row.way == LEFT_OUT:
                self.done.append(Result(row.line, Outcome.SKIPPED))
            else:
                new.append(row)
                seen.add(row.key or "")
        return new, alike

    def _way(self, staged: Any) -> str:
        """What somebody has decided about the row, else about all that are like it."""
        if staged.decision:
            return LEFT_OUT if staged.decision == "skip" and staged.decided_id is None else str(staged.decision)
        alike_only = staged.likeness is not None and self.import_.similar == "skip"
        return LEFT_OUT if alike_only else self.import_.duplicates or "skip"

    def _create(self, rows: Sequence[Row]) -> dict[str, int]:
        """Match key → id of what was made."""
        came = by_halves(rows, self._created, lambda row, error: _failed(row, None, error))
        self.done += came
        keys = {row.line: row.key for row in rows if row.key is not None}
        return {keys[each.line]: each.record_id for each in came if each.record_id is not None and each.line in keys}

    def _created(self, rows: Sequence[Row]) -> list[Result]:
        values, lines = [row.values for row in rows], [row.line for row in rows]
        ids = self.record_type.verbs.create_many(self.actor, values, import_id=self.import_.id, lines=lines)
        return [Result(line, Outcome.CREATED, id_) for line, id_ in zip(lines, ids, strict=True)]

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
        writing = [(row, id_) for row, id_ in found if row.way in WRITING]
        self.done += [Result(row.line, Outcome.SKIPPED, id_) for row, id_ in found if row.way not in WRITING]
        self._lock([id_ for _, id_ in writing])
        for some in apart(writing, of=lambda pair: pair[1]):
            self._update(self._folded(some))

    def _lock(self, ids: Sequence[int]) -> None:
        """All in the order in which everybody locks many, as the parts and halves below have the file's."""
        if ids and isinstance(self.record_type, RecordType):
            entity = self.record_type.entity
            locked = entity.visible_to(self.actor).where(entity.id.in_(ids)).with_only_columns(entity.id)
            db.session.execute(locked.order_by(entity.id).with_for_update())

    def _folded(self, rows: Sequence[tuple[Row, int]]) -> list[tuple[Row, int]]:
        """The rows with what their records are to get; one that has nothing for its record is left out."""
        if all(row.way == "update" for row, _ in rows):
            return list(rows)
        records, fields = self._records([id_ for _, id_ in rows]), self.record_type.by_key()
        found = []
        for row, id_ in rows:
            values = folded(row.way, fields, records.get(id_), row.values)
            if values:
                found.append((replace(row, values=values), id_))
            else:
                self.done.append(Result(row.line, Outcome.SKIPPED, id_))
        return found

    def _update(self, rows: Sequence[tuple[Row, int]]) -> None:
        self.done += by_halves(rows, self._updated, lambda pair, error: _failed(*pair, error))

    def _updated(self, rows: Sequence[tuple[Row, int]]) -> list[Result]:
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
        return [self._came(row, id_, before.get(id_), after.get(id_), gone=id_ not in kept) for row, id_ in rows]

    def _came(self, row: Row, id_: int, before: Any, after: Any, *, gone: bool) -> Result:
        if gone:
            return Result(row.line, Outcome.FAILED, id_, {"message": _GONE, "params": {}})
        was = {key: value for key, value in before.items() if value != after.get(key)}
        return Result(row.line, Outcome.MERGED if row.way == "merge" else Outcome.UPDATED, id_, before=was)

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


def _failed(row: Row, id_: int | None, error: Exception) -> Result:
    return Result(row.line, Outcome.FAILED, id_, said(error))
