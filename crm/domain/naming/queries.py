from sqlalchemy import select

from crm.domain.naming.models import TypeName
from crm.infra.db import db
from crm.kernel.shaping import Names


def name_of(record_type: str) -> TypeName | None:
    return db.session.scalars(select(TypeName).where(TypeName.record_type == record_type)).first()


def names_of(record_type: str) -> Names:
    found = name_of(record_type)
    return Names(found.one, found.many) if found else Names()
