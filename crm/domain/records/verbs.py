"""Everything that can be done to records of any type. Form, import, API and automation all come through here.

The verbs take many; one is many of one. `values` are by field key, as `read_rows` gives them. What is particular to a
type is said by its Verbs: how its columns are derived, what it refuses, and what else is written when one changes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from crm.domain.confirming import actions as confirming
from crm.domain.confirming.holding import Changed, Holding
from crm.domain.confirming.models import PendingChange
from crm.domain.fields.defaults import with_defaults
from crm.domain.fields.needed import check_conditions
from crm.domain.fields.unique import refuse_taken
from crm.domain.records.changing import touch
from crm.domain.records.checked import NOT_YOURS, Checked, Values, nothing
from crm.domain.records.purging import purge, purge_old
from crm.domain.records.rules import departments_of
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor, Reach
from crm.kernel.bulk import copy_rows, take_ids
from crm.kernel.company import company
from crm.kernel.errors import RuleBroken
from crm.kernel.events import Fact, because, origin, plain, record, record_many
from crm.kernel.permissions import Action, permission
from crm.kernel.shaping import shape_of

__all__ = ["Values", "Verbs"]


@dataclass(frozen=True, kw_only=True)
class Verbs(Checked):
    """What a type is told by is in crm/domain/records/checked.py."""

    def create(self, actor: Actor, values: Values) -> int:
        return self.create_many(actor, [values])[0]

    def create_many(
        self, actor: Actor, rows: Sequence[Values], *, import_id: int | None = None, lines: Sequence[int] = ()
    ) -> list[int]:
        """Ids in the order of `rows`. With an import the events carry its id and each row's line."""
        fields = self.open_fields(actor)
        for values in rows:
            self._check(actor, fields, values)
        fields |= {each.key: each for each in shape_of(actor, self.type).fields}
        rows = [with_defaults(fields, values) for values in rows]
        refuse_taken(self.type, fields.values(), rows)
        ids = take_ids(self.type, len(rows))
        taken = self.numbers.take(db.session.connection(), company.today(), len(rows))
        now, departments = clock.now(), departments_of(actor, {values.get("owner") for values in rows})
        nobody = None if self.leaves_to_pool(actor) else actor.id
        departments[None] = self._pool_of(actor)
        common = {"import_id": import_id, "created_by_id": actor.id, "created_at": now, "updated_at": now}
        complete = None if self.complete is nothing else self.complete
        copy_rows(
            self.type,
            self._row.columns,
            (
                self._row(actor, fields, values, departments, {"id": id_, "number": number, **common}, complete, nobody)
                for id_, number, values in zip(ids, taken, rows, strict=True)
            ),
        )
        record_many(actor, self.type, list(zip(ids, self._created(rows, import_id, lines), strict=True)))
        self.then(actor, list(zip(ids, rows, strict=True)), None)
        return ids

    def _pool_of(self, actor: Actor) -> int | None:
        """Whoever sees all of the type brings in for everybody."""
        everything = actor.reach_of(self.entity.read_permission) is Reach.ALL
        return actor.department_id if self.entity.pooled and not everything else None

    def _created(self, rows: Sequence[Values], import_id: int | None, lines: Sequence[int]) -> list[Fact]:
        kept = [{key: plain(value) for key, value in values.items() if value is not None} for values in rows]
        if import_id is None:
            return [self.facts.created(values) for values in kept]
        return [self.facts.imported(import_id, line, values) for line, values in zip(lines, kept, strict=True)]

    def change(self, actor: Actor, one: Any, values: Values) -> Changed:
        """Keep what differs, with one event that says what was before. What is sensitive waits for a second person."""
        fields = self.open_fields(actor)
        self._check(actor, fields, values, one)
        holding = Holding(actor, self.type, fields)
        now, waiting = holding.split(one, values)
        if waiting:
            check_conditions(fields, now, one)
        changes = self._apply(actor, fields, one, now)
        if changes:
            record(actor, one, self.facts.changed(changes))
            self.then(actor, [(one.id, now)], {one.id: changes})
        holding.keep()
        return Changed(bool(changes), waiting)

    def confirm(self, actor: Actor, one: Any, pending: PendingChange, *, seen: int | None = None) -> None:
        """Let a change take effect that somebody else has asked for; what is said of `seen` holds."""
        fields = self.open_fields(actor)

        def write(values: Values) -> None:
            with because(origin.get().reason, takes_back=True):  # why it is wanted was said when it was asked for
                self._check(actor, fields, values, one)
            if changes := self._apply(actor, fields, one, values):
                self.then(actor, [(one.id, values)], {one.id: changes})

        if pending.field not in fields:
            raise RuleBroken(NOT_YOURS, field=pending.field)
        confirming.confirm(actor, one, pending, fields[pending.field], write, seen=seen)

    def change_many(
        self,
        actor: Actor,
        changes: Sequence[tuple[int, Values]],
        *,
        import_id: int | None = None,
        lines: Sequence[int] = (),
    ) -> list[int]:
        """(id, values) pairs; empty values change nothing. The ids that the actor could see and that were kept."""
        entity = self.entity
        statement = entity.visible_to(actor).where(entity.id.in_({id_ for id_, _ in changes})).order_by(entity.id)
        found = {each.id: each for each in db.session.scalars(statement.with_for_update())}
        may = {id_ for id_, one in found.items() if actor.holds(one, permission(self.type, Action.EDIT))}
        wanted = [
            (found[id_], {key: value for key, value in values.items() if value is not None}, line)
            for (id_, values), line in zip(changes, lines or repeat(None, len(changes)), strict=True)
            if id_ in may
        ]
        self._write_many(actor, wanted, lambda shown, line: self.facts.changed(shown, import_id, line), import_id)
        return [one.id for one, _, _ in wanted]

    def put_back_many(self, actor: Actor, changes: Sequence[tuple[Any, Values]], *, import_id: int) -> None:
        """Give records of the actor's to edit what they had before an import, empty values too."""
        wanted = [(one, values, None) for one, values in changes]
        self._write_many(actor, wanted, lambda shown, _: self.facts.changed(shown, import_id, None, True), import_id)

    def _write_many(
        self,
        actor: Actor,
        changes: Sequence[tuple[Any, Values, int | None]],
        fact: Callable[[Any, int | None], Fact],
        import_id: int | None,
    ) -> None:
        fields = self.open_fields(actor)
        holding = Holding(actor, self.type, fields, import_id)
        facts: list[tuple[int, Fact]] = []
        differing: dict[int, Mapping[str, list[Any]]] = {}
        for one, values, line in changes:
            self._check(actor, fields, values, one)
            now, waiting = holding.split(one, values)
            if waiting:
                check_conditions(fields, now, one)
            if shown := self._apply(actor, fields, one, now):
                facts.append((one.id, fact(shown, line)))
                differing[one.id] = shown
        db.session.flush()
        record_many(actor, self.type, facts)
        if differing:
            self.then(actor, [(one.id, values) for one, values, _ in changes if one.id in differing], differing)
        holding.keep()

    def delete(self, actor: Actor, one: Any) -> None:
        one.deleted_at = clock.now()
        touch(one)
        record(actor, one, self.facts.deleted())
        self.binned(actor, one)

    def restore(self, actor: Actor, one: Any) -> None:
        self.returns(actor, one)
        one.deleted_at = None
        touch(one)
        record(actor, one, self.facts.restored())
        self.binned(actor, one)

    def delete_many(self, actor: Actor, ones: Sequence[Any], *, import_id: int) -> None:
        """Into the recycle bin, since the import that made them is undone."""
        for one in ones:
            one.deleted_at = clock.now()
        self._moved(actor, ones, self.facts.deleted(import_id))

    def restore_many(self, actor: Actor, ones: Sequence[Any], *, import_id: int) -> None:
        """Out of it, since the import is made again."""
        for one in ones:
            self.returns(actor, one)
            one.deleted_at = None
        self._moved(actor, ones, self.facts.restored(import_id))

    def _moved(self, actor: Actor, ones: Sequence[Any], fact: Fact) -> None:
        for one in ones:
            touch(one)
        db.session.flush()
        record_many(actor, self.type, [(one.id, fact) for one in ones])
        if self.binned is not nothing:
            for one in ones:
                self.binned(actor, one)

    def purge(self, actor: Actor, one: Any) -> None:
        purge(actor, one, self.facts.purged)

    def purge_old(self, actor: Actor, before: Any, limit: int) -> int:
        return purge_old(actor, self.entity, self.facts.purged, before, limit)
