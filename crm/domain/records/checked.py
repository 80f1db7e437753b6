"""What every verb on records rests on: the rules and hooks of their type, and how values are checked and set."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from crm.domain.fields.needed import check_conditions
from crm.domain.fields.unique import refuse_taken
from crm.domain.records.changing import applied
from crm.domain.records.columns import Row
from crm.domain.records.derived import Recipe
from crm.domain.records.events import Facts
from crm.domain.records.numbers import Numbers
from crm.domain.records.rules import check_owner, check_tags
from crm.kernel.access import Actor
from crm.kernel.errors import RuleBroken
from crm.kernel.fields import Field
from crm.kernel.shaping import fields_for, shape_of
from crm.kernel.text import N_

Values = Mapping[str, Any]
NOT_YOURS = N_("You may not fill in “%(field)s”: leave its column out.")


def nothing(*args: Any) -> None:
    pass


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What a type says of itself for its verbs, and what they all do: check and apply.

    `entity` is a Kept table; `fields` those of its fields that are filled in.

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
    check: Callable[[Actor, Values, Any], None] = nothing
    complete: Callable[[Actor, dict[str, Any], Any], None] = nothing
    then: Callable[[Actor, Sequence[tuple[int, Values]], Mapping[int, Mapping[str, list[Any]]] | None], None] = nothing
    binned: Callable[[Actor, Any], None] = nothing
    returns: Callable[[Actor, Any], None] = nothing
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

    def _apply(self, actor: Actor, fields: Mapping[str, Field], one: Any, values: Values) -> dict[str, list[Any]]:
        complete = None if self.complete is nothing else self.complete
        return applied(actor, fields, one, values, self.recipe, complete)
