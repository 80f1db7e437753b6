"""Everything that can be done to records of any type. Form, import, API and automation all come through here.

The verbs take many; one is many of one. `values` are by field key, as `read_rows` gives them. What is particular to a
type is said by its Verbs: how its columns are derived, what it refuses, and what else is written when one changes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from crm.domain.confirming import actions as confirming
from crm.domain.confirming.holding import Changed, Holding
from crm.domain.confirming.models import PendingChange
from crm.domain.fields.defaults import with_defaults
from crm.domain.fields.needed import check_conditions
from crm.domain.fields.unique import refuse_taken
from crm.domain.records.changing import applied, touch
from crm.domain.records.columns import Row
from crm.domain.records.derived import Recipe
from crm.domain.records.events import Facts
from crm.domain.records.numbers import Numbers
from crm.domain.records.purging import purge, purge_old
from crm.domain.records.rules import check_owner, check_tags, departments_of
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor, Reach
from crm.kernel.bulk import copy_rows, take_ids
from crm.kernel.company import company
from crm.kernel.errors import RuleBroken
from crm.kernel.events import Fact, because, origin, plain, record, record_many
from crm.kernel.fields import Field
from crm.kernel.permissions import Action, permission
from crm.kernel.shaping import fields_for, shape_of
from crm.kernel.text import N_

Values = Mapping[str, Any]
NOT_YOURS = N_("You may not fill in “%(field)s”: leave its column out.")


def _nothing(*args: Any) -> None:
    pass


@dataclass(frozen=True, kw_only=True)
class Verbs:
    """`entity` is a Kept table; `fields` those of its fields that are filled in.

    `check(actor, values, record or None)` refuses what fields alone cannot.
    `complete(actor, columns, record or None)` gives columns that follow from those being written; a new record's
    `columns` are all of them, else those that change. It asks the database nothing: a new record is on its way there.
    `then(actor, [(id, values)], before)` writes what belongs to new (`before` is None) or changed records besides,
    in the same transaction; `before` is {id: {field: [before, after]}}.
    `binned(actor, record)` does what follows from its having gone into the bin or into another one, or come back.
    `returns(actor, record)` refuses what may not come back out of the bin, or out of another it was merged into.
    `leaves_to_pool(actor)`: whether new records for which the actor names no owner lie in the pool, not with the actor.
    """

    entity: Any
    fields: tuple[Field, ...]
    facts: Facts
    numbers: Numbers
    recipe: Recipe
    more_columns: tuple[str, ...] = ()  # that `complete` fills
    check: Callable[[Actor, Values, Any], None] = _nothing
    complete: Callable[[Actor, dict[str, Any], Any], None] = _nothing
    then: Callable[[Actor, Sequence[tuple[int, Values]], Mapping[int, Mapping[str, list[Any]]] | None], None] = _nothing
    binned: Callable[[Actor, Any], None] = _nothing
    returns: Callable[[Actor, Any], None] = _nothing
    leaves_to_pool: Callable[[Actor], bool] = lambda actor: False

    @property
    def type(self) -> str:
        return str(self.entity.__tablename__)

    @cached_property
    def by_key(self) -> Mapping[str, Field]:
        return {each.key: each for each in self.fields}

    @cached_property
    def _row(self) -> Row:
        return Row(self.entity, self.fields, self.recipe, self.more_columns)

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
        complete = None if self.complete is _nothing else self.complete
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
        statement = entity.visible_to(actor).where(entity.id.in_({id_ for id_, _ in changes})).with_for_update()
        found = {each.id: each for each in db.session.scalars(statement)}
        fields = self.open_fields(actor)
        holding = Holding(actor, self.type, fields, import_id)
        kept: list[int] = []
        facts: list[tuple[int, Fact]] = []
        differing: dict[int, Mapping[str, list[Any]]] = {}
        for at, (id_, values) in enumerate(changes):
            one = found.get(id_)
            if one is not None and actor.holds(one, permission(self.type, Action.EDIT)):
                filled = {key: value for key, value in values.items() if value is not None}
                self._check(actor, fields, filled, one)
                now, waiting = holding.split(one, filled)
                if waiting:
                    check_conditions(fields, now, one)
                if shown := self._apply(actor, fields, one, now):
                    facts.append((id_, self.facts.changed(shown, import_id, lines[at] if lines else None)))
                    differing[id_] = shown
                kept.append(id_)
        db.session.flush()
        record_many(actor, self.type, facts)
        if differing:
            self.then(actor, [(id_, values) for id_, values in changes if id_ in differing], differing)
        holding.keep()
        return kept

    def _apply(self, actor: Actor, fields: Mapping[str, Field], one: Any, values: Values) -> dict[str, list[Any]]:
        complete = None if self.complete is _nothing else self.complete
        return applied(actor, fields, one, values, self.recipe, complete)

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

    def purge(self, actor: Actor, one: Any) -> None:
        purge(actor, one, self.facts.purged)

    def purge_old(self, actor: Actor, before: Any, limit: int) -> int:
        return purge_old(actor, self.entity, self.facts.purged, before, limit)

    def open_fields(self, actor: Actor) -> dict[str, Field]:
        """By key, with those administrators made. What is not editable among them is not written, whoever asks."""
        whole = (*self.fields, *shape_of(actor, self.type).fields)
        return {each.key: each for each in fields_for(actor, self.type, whole)}

    def _check(self, actor: Actor, fields: Mapping[str, Field], values: Values, one: Any = None) -> None:
        if unknown := [key for key in values if key not in fields or not fields[key].editable]:
            key = min(unknown)
            label = self.by_key[key].label if key in self.by_key else key
            raise RuleBroken(NOT_YOURS, field=label)
        check_conditions(fields, values, one)
        check_tags(fields, values, one)
        if "owner" in values:
            check_owner(actor, self.type, values["owner"], one)
        self.check(actor, values, one)
        if one is not None:
            refuse_taken(self.type, fields.values(), [values], one.id)
