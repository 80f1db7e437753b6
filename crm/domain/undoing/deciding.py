"""What is to become of each row of an import that is taken back: decided here, without changing anything.

A conflict is [why, field key or None, {…}]. Why is one of: `changed` (the field has another value by now), `touched`
(somebody changed the record; {"by": person}), `hangs` (somebody hung something on it; {"on": table}), `denied` (it is
not for whoever undoes to change), `waits` (a second person is to confirm it), `refused` (a rule forbids it;
{"message", "params"}).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import text

from crm.domain.duplicates.places import places
from crm.domain.imports.models import Import
from crm.domain.imports.states import Outcome as Became
from crm.domain.registry import RECORD_TYPES
from crm.domain.undoing.models import Outcome
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.events import plain
from crm.kernel.packing import stored, unpack
from crm.kernel.records import RecordType

Conflict = list[Any]
_SAID = "follow_ups.subject_id"
# What has been told of a record by somebody, but by the import itself, by rules on account of it, or by undoing it.
_TOUCHED = text("""
    SELECT DISTINCT ON (subject_id) subject_id, actor_id FROM events
    WHERE subject_type = :type AND subject_id = ANY(:ids) AND occurred_at >= :since
    AND (payload->>'import_id') IS DISTINCT FROM :import
    AND NOT (actor_id = :owner AND request_id IS NULL AND occurred_at <= :ended)
    AND (caused_by IS NULL OR caused_by NOT IN (SELECT event_id FROM automation_runs WHERE source = :source))
    ORDER BY subject_id, occurred_at DESC""")


@dataclass
class Row:
    """One of the import's: what it did, to which record, what was before and what the file said, both packed."""

    line: int
    became: str
    record_id: int
    before: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    again: bool = False  # a later line changed the same record


@dataclass
class Decision:
    row: Row
    outcome: Outcome
    record: Any = None
    put: dict[str, Any] = field(default_factory=dict)  # values by field key
    conflicts: list[Conflict] = field(default_factory=list)


@dataclass
class Deciding:
    """For one import and whoever asks, with the rights they have now."""

    import_: Import
    actor: Actor
    preview: bool = False

    @cached_property
    def type(self) -> RecordType:
        return RECORD_TYPES[self.import_.record_type].open_to(self.actor)

    @cached_property
    def fields(self) -> Mapping[str, Any]:
        return self.type.verbs.open_fields(self.actor)

    def undo(self, rows: Sequence[Row]) -> list[Decision]:
        records = self.found(self.type, [each.record_id for each in rows])
        made = [each.record_id for each in rows if each.became == Became.CREATED]
        worked_on = self.worked_on(self.type, made, records)
        return [self._undone(row, records.get(row.record_id), worked_on) for row in rows]

    def _undone(self, row: Row, record: Any, worked_on: Mapping[int, Conflict]) -> Decision:
        if record is None:
            return Decision(row, Outcome.GONE)
        made = row.became == Became.CREATED
        if not self.actor.holds(record, self.type.may_delete if made else self.type.may_edit):
            return Decision(row, Outcome.KEPT, record, conflicts=[["denied", None, {}]])
        if not made:
            return self._put(row, record, before=row.values, after=row.before, outcome=Outcome.RESTORED)
        if conflict := worked_on.get(record.id):
            return Decision(row, Outcome.KEPT, record, conflicts=[conflict])
        return Decision(row, Outcome.REMOVED, record)

    def redo(self, rows: Sequence[tuple[Row, Sequence[str]]]) -> list[Decision]:
        """Rows with the fields that undoing put back."""
        ids = [row.record_id for row, _ in rows]
        here, binned = self.found(self.type, ids), self.found(self.type, ids, binned=True)
        found = []
        for row, keys in rows:
            if row.became == Became.CREATED:
                record, right, outcome = binned.get(row.record_id), self.type.may_delete, Outcome.BROUGHT_BACK
            else:
                record, right, outcome = here.get(row.record_id), self.type.may_edit, Outcome.CHANGED
            if record is None:
                found.append(Decision(row, Outcome.GONE))
            elif not self.actor.holds(record, right):
                found.append(Decision(row, Outcome.KEPT, record, conflicts=[["denied", None, {}]]))
            elif row.became == Became.CREATED:
                found.append(Decision(row, outcome, record))
            else:
                wanted = {key: row.values.get(key) for key in keys}
                found.append(self._put(row, record, before=row.before, after=wanted, outcome=outcome))
        return found

    def _put(
        self, row: Row, record: Any, *, before: Mapping[str, Any], after: Mapping[str, Any], outcome: Outcome
    ) -> Decision:
        """`after` onto the record, field by field, wherever it still has what it had `before`."""
        decision = Decision(row, outcome, record)
        was, to_be = unpack(self.fields, before), unpack(self.fields, after)
        for key in sorted(after):
            if (known := self.fields.get(key)) is None or not known.writable_by(self.actor):
                decision.conflicts.append(["denied", key, {}])
                continue
            now = plain(stored(record, known))
            if known.same(now, plain(to_be[key])):
                continue
            if known.same(now, plain(was.get(key))) or (row.again and self.preview):
                decision.put[key] = to_be[key]
            else:
                decision.conflicts.append(["changed", key, {}])
        if decision.conflicts:
            decision.outcome = Outcome.PARTLY if decision.put else Outcome.KEPT
        return decision

    def found(self, type_: RecordType, ids: Collection[int], *, binned: bool = False) -> dict[int, Any]:
        """Locked, so that nobody changes them meanwhile."""
        entity = type_.entity
        there = entity.binned_for(self.actor) if binned else entity.visible_to(self.actor)
        statement = there.where(entity.id.in_(ids)).order_by(entity.id)
        statement = statement if self.preview else statement.with_for_update()
        return {each.id: each for each in db.session.scalars(statement.execution_options(populate_existing=True))}

    def worked_on(self, type_: RecordType, ids: Collection[int], records: Mapping[int, Any]) -> dict[int, Conflict]:
        """Record → why one that the import made is kept: somebody changed it, or hung something on it."""
        found: dict[int, Conflict] = {}
        if changed := [id_ for id_ in ids if id_ in records and records[id_].version > 1]:
            of = self.import_
            asked = {"type": type_.key, "ids": changed, "since": of.created_at, "import": str(of.id)}
            asked |= {"owner": of.owner_id, "ended": of.finished_at, "source": self.source}
            told = db.session.execute(_TOUCHED, asked)
            found |= {row.subject_id: ["touched", None, {"by": row.actor_id}] for row in told}
        for place in places(type_.key):
            left = [id_ for id_ in ids if id_ not in found]
            if not left or not (place.is_of_records or place.name == _SAID):
                continue
            rows = db.session.execute(
                text(_hanging(place.table, place.holds)),
                {"ids": left, "type": type_.key, "import": self.import_.id, "source": self.source, **place.known},
            )
            found |= {row.id: ["hangs", None, {"on": place.table}] for row in rows}
        return found

    @property
    def source(self) -> str:
        return f"imports:{self.import_.id}"


def _hanging(table: str, holds: str) -> str:
    """Which of :ids have something of the table hanging on them that neither the import nor its rules brought."""
    ours = "TRUE"
    if table in RECORD_TYPES:
        made = f"jsonb_build_array(jsonb_build_object('made', jsonb_build_array('{table}', {table}.id)))"
        ours = (
            f"{table}.import_id IS DISTINCT FROM :import AND NOT EXISTS (SELECT FROM automation_runs AS run"
            " WHERE run.source = :source AND run.subject_id = one.id AND run.decision = 'done'"
            f" AND run.effects @> {made})"
        )
    return (
        "SELECT one.id FROM unnest(CAST(:ids AS bigint[])) AS one (id) WHERE EXISTS (SELECT FROM"
        f" {table} WHERE {holds.replace(':of', 'one.id')} AND {table}.deleted_at IS NULL AND {ours})"
    )
