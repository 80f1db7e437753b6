"""Reading what waits. A value is shown as far as its field is: whoever asks here brings the fields they have."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Select, func, select

from crm.domain.confirming.models import PendingChange, State
from crm.infra.db import db

PAGE = 25


def _waiting(type_: str) -> Select[PendingChange]:
    return select(PendingChange).where(PendingChange.subject_type == type_, PendingChange.state == State.ASKED)


def of_record(type_: str, record_id: int, keys: Collection[str]) -> Sequence[PendingChange]:
    """What waits of a record in these fields, oldest first."""
    statement = _waiting(type_).where(PendingChange.subject_id == record_id, PendingChange.field.in_(keys))
    return db.session.scalars(statement.order_by(PendingChange.id)).all()


def of_type(type_: str, visible: Select[Any], keys: Collection[str], after: int = 0) -> Sequence[PendingChange]:
    """What waits of the records of a statement in these fields, behind an id: one page and one more, oldest first."""
    entity = visible.column_descriptions[0]["entity"]
    ids = visible.with_only_columns(entity.id)
    statement = _waiting(type_).where(PendingChange.field.in_(keys), PendingChange.subject_id.in_(ids))
    return db.session.scalars(
        statement.where(PendingChange.id > after).order_by(PendingChange.id).limit(PAGE + 1)
    ).all()


def waiting_in(type_: str, key: str) -> Select[PendingChange]:
    """Every change of a field that waits, whoever's record it is."""
    return _waiting(type_).where(PendingChange.field == key)


def count_of_field(type_: str, key: str) -> int:
    return db.session.scalar(waiting_in(type_, key).with_only_columns(func.count())) or 0


def count_of_import(import_id: int) -> int:
    """How many of the changes a file asked for still wait."""
    waiting = PendingChange.state == State.ASKED
    return db.session.scalar(select(func.count()).where(PendingChange.import_id == import_id, waiting)) or 0
