"""Reading what administrators have made of a type's fields."""

from sqlalchemy import select

from crm.domain.fields.models import FieldDefinition, FieldOverride
from crm.infra.db import db


def definitions(record_type: str) -> list[FieldDefinition]:
    """All of a type in order, the retired ones last."""
    statement = select(FieldDefinition).where(FieldDefinition.record_type == record_type)
    order = (FieldDefinition.retired_at.is_not(None), FieldDefinition.section, FieldDefinition.position)
    return list(db.session.scalars(statement.order_by(*order, FieldDefinition.id)))


def overrides(record_type: str) -> dict[str, FieldOverride]:
    rows = db.session.scalars(select(FieldOverride).where(FieldOverride.record_type == record_type))
    return {each.key: each for each in rows}
