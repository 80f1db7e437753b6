"""The values that records hold in a field: how many, and what becomes of them when its kind changes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, func, literal_column, select, text

from crm.domain.fields.models import FieldDefinition
from crm.domain.fields.shaping import field_of
from crm.infra import json
from crm.infra.db import Base, db
from crm.kernel.access import NOBODY, unscoped
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import plain
from crm.kernel.fields import Context, Field
from crm.kernel.kinds import SOURCED, FieldKind
from crm.kernel.operators import mark_of
from crm.kernel.sealed import DOTS
from crm.kernel.text import N_

_SEALED = N_("Records hold values in this field: make a new one, since the log keeps what it was told before.")
MOST_DIFFERENT = 20_000  # values of one field that are looked at before its kind changes


@dataclass(frozen=True)
class Fitting:
    """`fits` is stored value → value of the new kind; `misfits` is (words, how many records, why not)."""

    fits: list[tuple[Any, Any]]
    misfits: list[tuple[str, int, Invalid]]


def fitting(definition: FieldDefinition, new: Field) -> Fitting:
    """What every stored value would become in the new field. Raises RuleBroken where that cannot be told."""
    old = field_of(definition)
    fits: list[tuple[Any, Any]] = []
    misfits: list[tuple[str, int, Invalid]] = []
    for stored, count in _stored(definition):
        if {old.kind, new.kind} & SOURCED and old.kind is not new.kind:
            raise RuleBroken(N_("Records hold values in this field: people and links cannot become something else."))
        if FieldKind.ENCRYPTED in (old.kind, new.kind):
            raise RuleBroken(_SEALED)
        words = _as_typed(old, stored)
        try:
            fits.append((stored, plain(new.parse(words, Context(NOBODY)))))
        except Invalid as problem:
            misfits.append((words, count, problem))
    return Fitting(fits, misfits)


def rewrite(definition: FieldDefinition, fits: list[tuple[Any, Any]]) -> None:
    """Every record's value as the new kind keeps it, in one statement."""
    changed = [(old, new) for old, new in fits if old != new]
    if not changed:
        return
    table = _table(definition)
    db.session.execute(
        text(
            f"UPDATE {table.name} SET custom = jsonb_set(custom, ARRAY[:key], pairs.pair->1)"
            " FROM (SELECT jsonb_array_elements(CAST(:pairs AS jsonb)) AS pair) AS pairs"
            " WHERE custom ? :key AND custom->:key = pairs.pair->0"
        ),
        {"key": definition.key, "pairs": json.dumps(changed)},
    )


@dataclass(frozen=True)
class Twice:
    """`count` values that more than one record has; `some` are (value, how many records), the commonest first."""

    count: int
    some: tuple[tuple[str, int], ...] = ()


def found_twice(definition: FieldDefinition, most: int = 20) -> Twice:
    table = _table(definition)
    value = table.c.custom.op("->>")(literal_column(f"'{definition.key}'"))
    if definition.kind == FieldKind.ENCRYPTED:
        return _sealed_twice(table, value)
    records = func.count().label("records")
    twice = select(value.label("value"), records).where(value.is_not(None)).group_by(value).having(records > 1)
    found = twice.subquery()
    statement = select(found.c.value, found.c.records, func.count().over())
    with unscoped("a value comes once, whoever's record has it"):
        rows = db.session.execute(statement.order_by(found.c.records.desc(), found.c.value).limit(most)).all()
    label = field_of(definition)
    return Twice(rows[0][2] if rows else 0, tuple((_as_typed(label, row[0]), row[1]) for row in rows))


def _sealed_twice(table: Table, value: Any) -> Twice:
    """Values sealed with two keys cannot be compared: that waits until all have the newest."""
    mark, key = mark_of(value), func.split_part(value, ".", 1)
    twice = select(mark).where(value.is_not(None)).group_by(mark).having(func.count() > 1)
    with unscoped("a value comes once, whoever's record has it"):
        several = db.session.scalar(select(func.count(key.distinct())).select_from(table).where(value.is_not(None)))
        found = db.session.scalar(select(func.count()).select_from(twice.subquery())) or 0
    if several and several > 1:
        raise RuleBroken(N_("Values are being encrypted anew: try again when that is done."))
    return Twice(found, ((DOTS, 2),) if found else ())


def _stored(definition: FieldDefinition) -> Iterator[tuple[Any, int]]:
    table = _table(definition)
    value = table.c.custom.op("->")(literal_column(f"'{definition.key}'"))
    statement = select(value, func.count()).where(table.c.custom.has_key(definition.key)).group_by(value)
    with unscoped("a kind must fit every value, whoever's record holds it"):
        rows = db.session.execute(statement.limit(MOST_DIFFERENT + 1)).all()
    if len(rows) > MOST_DIFFERENT:
        raise RuleBroken(
            N_("Records hold more than %(most)s different values: make a new field instead."), most=MOST_DIFFERENT
        )
    for stored, count in rows:
        yield (json.loads(stored) if isinstance(stored, bytes) else stored), count


def _as_typed(field: Field, stored: Any) -> str:
    """As somebody would type it: choices by their words, so that a text made of them reads well."""
    labels: Mapping[str, str] = {each.key: str(each.label) for each in field.choices}
    if field.kind is FieldKind.YES_NO:
        return "yes" if stored else "no"
    if isinstance(stored, list):
        return ", ".join(labels.get(each, each) for each in stored)
    return labels.get(stored, str(stored)) if field.choices else str(stored)


def _table(definition: FieldDefinition) -> Table:
    return Base.metadata.tables[definition.record_type]
