from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select

from crm.domain.naming.models import TypeName
from crm.infra.db import db


@dataclass(frozen=True)
class Names:
    """What one record and many are called, by language; where nothing is said, as delivered."""

    one: Mapping[str, str] = field(default_factory=dict)
    many: Mapping[str, str] = field(default_factory=dict)


def name_of(key: str) -> TypeName | None:
    return db.session.scalars(select(TypeName).where(TypeName.record_type == key)).first()


def names_of(key: str) -> Names:
    found = name_of(key)
    return Names(found.one, found.many) if found else Names()


def all_names() -> dict[str, Names]:
    """Of whatever has been renamed, type of record or module."""
    return {each.record_type: Names(each.one, each.many) for each in db.session.scalars(select(TypeName))}
