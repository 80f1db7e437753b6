"""Fields in which no two records may have the same value."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, func, literal_column, or_, select

from crm.infra.db import Base, db
from crm.kernel.access import unscoped
from crm.kernel.errors import Invalid
from crm.kernel.events import plain
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.operators import mark_of
from crm.kernel.sealed import marks, opened
from crm.kernel.text import N_


def refuse_taken(
    type_: str, fields: Iterable[Field], rows: Sequence[Mapping[str, Any]], record_id: int | None = None
) -> None:
    """Raises Invalid for the first value that another record has, in the recycle bin too, or another of `rows`.

    Whoever writes such a field waits for others who do, so that two at once cannot both find it free.
    """
    for field in fields:
        if field.unique and (values := [plain(row[field.key]) for row in rows if row.get(field.key) is not None]):
            db.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"unique {type_} {field.key}"))))
            refuse = _refuse_sealed if field.kind is FieldKind.ENCRYPTED else _refuse
            refuse(Base.metadata.tables[type_], field, values, record_id)


def _refuse(table: Table, field: Field, values: list[Any], record_id: int | None) -> None:
    """By the index on everything in `custom`, whether the field has one of its own or not."""
    custom = table.c.custom
    wanted = or_(*(custom.contains({field.key: each}) for each in values))
    stored = select(custom[field.key].astext).where(custom != literal_column("'{}'"), wanted)
    if record_id is not None:
        stored = stored.where(table.c.id != record_id)
    with unscoped("a value is taken, whoever's record has it"):
        taken = db.session.scalar(stored.limit(1))
    if taken is None and len(set(values)) < len(values):
        taken = next(each for each in values if values.count(each) > 1)
    if taken is not None:
        sentence = N_("“%(value)s” is in another record already; this field allows each value once.")
        raise Invalid(sentence, value=str(taken), key=field.key)


def _refuse_sealed(table: Table, field: Field, values: list[Any], record_id: int | None) -> None:
    """By their marks: the sentence does not repeat the value, as it may be kept."""
    wanted = [marks(field.place, opened(field.place, each)) for each in values]
    statement = select(table.c.id).where(mark_of(field.column).in_({mark for each in wanted for mark in each}))
    if record_id is not None:
        statement = statement.where(table.c.id != record_id)
    with unscoped("a value is taken, whoever's record has it"):
        taken = db.session.scalar(statement.limit(1)) is not None
    if taken or len({each[-1] for each in wanted}) < len(wanted):
        raise Invalid(N_("This value is in another record already; this field allows each value once."), key=field.key)
