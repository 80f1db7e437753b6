"""Values onto a record that is there: what differs is set, and what was before is told."""

from collections.abc import Mapping
from typing import Any

from crm.domain.records.columns import Complete
from crm.domain.records.derived import Recipe, columns_name, columns_of
from crm.domain.records.rules import departments_of
from crm.infra import clock
from crm.kernel.access import Actor
from crm.kernel.events import plain
from crm.kernel.fields import Field

Values = Mapping[str, Any]


def applied(  # noqa: PLR0913 - all that a change depends on
    actor: Actor,
    fields: Mapping[str, Field],
    one: Any,
    values: Values,
    recipe: Recipe,
    complete: Complete | None,
) -> dict[str, list[Any]]:
    """Set what differs; returns {field: [before, after]}."""
    columns, custom = columns_of(values, fields)
    before = {name: getattr(one, name) for name in columns if hasattr(one, name)}
    changed = {name: columns[name] for name, was in before.items() if was != columns[name]}
    named = {key: columns_name(fields[key]) for key in values.keys() - custom.keys()}
    shown = {key: [plain(before[name]), plain(changed[name])] for key, name in named.items() if name in changed}
    shown |= _applied_custom(fields, one, custom)
    if not shown:
        return {}
    if complete is not None:
        complete(actor, changed, one)
        shown |= _following(fields, one, changed, shown)
    for name, value in changed.items():
        setattr(one, name, value)
    if "owner_id" in changed:
        owner_id = changed["owner_id"]
        if owner_id is not None or not one.pooled:  # into the pool of the department where it is
            one.department_id = departments_of(actor, {owner_id}).get(owner_id)
    if not changed.keys().isdisjoint(recipe.sources):
        for name, value in recipe({name: getattr(one, name) for name in recipe.sources}).items():
            setattr(one, name, value)
    touch(one)
    return shown


def _following(fields: Mapping[str, Field], one: Any, changed: Values, shown: Values) -> dict[str, list[Any]]:
    """What changes along because of the rest is told as well."""
    named = {key: columns_name(each) for key, each in fields.items() if each.column is not None and not each.custom}
    along = {key: name for key, name in named.items() if key not in shown and name in changed}
    pairs = {key: [plain(getattr(one, name)), plain(changed[name])] for key, name in along.items()}
    return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}


def _applied_custom(fields: Mapping[str, Field], one: Any, custom: Values) -> dict[str, list[Any]]:
    before = {key: fields[key].value_in(one) for key in custom}
    shown = {
        key: [before[key], value] for key, value in custom.items() if not fields[key].same(one.custom.get(key), value)
    }
    if shown:
        whole = {**one.custom, **custom}
        one.custom = {key: value for key, value in whole.items() if value is not None}
    return shown


def touch(one: Any) -> None:
    one.version += 1
    one.updated_at = clock.now()
