"""The index that lets a list be sorted by a field, and finds a unique value at once; built while work goes on."""

from typing import Any

from sqlalchemy import select, text
from sqlalchemy.dialects import postgresql

from crm.domain.fields.columns import column
from crm.domain.fields.events import FieldChanged
from crm.domain.fields.models import FieldDefinition
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import RuleBroken
from crm.kernel.events import record
from crm.kernel.kinds import FieldKind as K
from crm.kernel.language import Words
from crm.kernel.operators import mark_of
from crm.kernel.shape import reshaped
from crm.kernel.text import N_

SORTABLE = frozenset({K.TEXT, K.NUMBER, K.MONEY, K.DATE, K.DATETIME, K.EMAIL})
QUEUED, BUILDING, READY, FAILED = "queued", "building", "ready", "failed"
UNDER_WAY = (QUEUED, BUILDING)


def make_sortable(actor: Actor, definition: FieldDefinition) -> None:
    """Ask for the index; a worker builds it. Asked again after a failure, it is tried again."""
    if definition.kind not in SORTABLE:
        raise RuleBroken(N_("Lists are not sorted by a field of this kind."))
    if definition.index_state in (None, FAILED):
        changes = {"index_state": [definition.index_state, QUEUED]}
        definition.index_state = QUEUED
        record(actor, definition, FieldChanged(str(Words(definition.label)), changes))
        reshaped()


def wanted(kind: K) -> str | None:
    """What is found by its exact value alone has its index from the beginning."""
    return QUEUED if kind is K.ENCRYPTED else None


def waiting() -> FieldDefinition | None:
    """The next field whose index is to be built; one left half built by a worker that died is begun again."""
    statement = select(FieldDefinition).where(FieldDefinition.index_state.in_(UNDER_WAY))
    return db.session.scalars(statement.order_by(FieldDefinition.id).limit(1)).first()


def enter(definition: FieldDefinition, state: str) -> None:
    definition.index_state = state
    reshaped()


def removing(definition: FieldDefinition) -> str:
    """What takes the index away, also one that is half built; not in a transaction."""
    return f"DROP INDEX CONCURRENTLY IF EXISTS {index_name(definition)}"


def building(definition: FieldDefinition) -> tuple[str, ...]:
    """What builds it anew and has the planner know how its values are spread; not in a transaction."""
    name = index_name(definition)
    told = expression(definition)
    sql = str(told.compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
    where = f"deleted_at IS NULL AND ({sql}) IS NOT NULL"
    return (
        removing(definition),
        f"CREATE INDEX CONCURRENTLY {name} ON {definition.record_type} (({sql}), id) WHERE {where}",
        f"ANALYZE {definition.record_type}",
    )


def expression(definition: FieldDefinition) -> Any:
    """What the index is over: the value as lists compare it, of a sealed one its mark."""
    kind = K(definition.kind)
    value = column(definition.record_type, definition.key, kind).element
    return mark_of(value) if kind is K.ENCRYPTED else value


def drop(definition: FieldDefinition) -> None:
    """At once: an index of the old kind would refuse values of the new one."""
    if definition.index_state is not None:
        db.session.execute(text(f"DROP INDEX IF EXISTS {index_name(definition)}"))
        definition.index_state = None


def index_name(definition: FieldDefinition) -> str:
    return f"ix_{definition.record_type}_{definition.key}"
