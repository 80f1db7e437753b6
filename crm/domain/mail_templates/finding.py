"""What stands in the places of a template for one record, through somebody's eyes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from crm.domain.mail_templates.places import OWNER, Place, places_of
from crm.domain.people.queries import by_id
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.fields import Field


@dataclass(frozen=True)
class Value:
    """As it is stored; `field` shows it. `words` where it is words already."""

    field: Field | None = None
    value: Any = None
    words: str = ""


def record_for(eyes: Actor, type_key: str, record_id: int) -> Any | None:
    """None where it does not exist for them."""
    entity = RECORD_TYPES[type_key].entity
    if not eyes.may(RECORD_TYPES[type_key].may_read):
        return None
    return db.session.scalars(entity.visible_to(eyes).where(entity.id == record_id)).first()


def values(eyes: Actor, type_key: str, record: Any, wanted: Collection[str]) -> Mapping[str, Value]:
    """By path, without those that these eyes do not see: unknown, hidden, or of a record that is not there for them."""
    known = places_of(eyes, RECORD_TYPES[type_key])
    linked: dict[str, Any] = {}
    found: dict[str, Value] = {}
    for path in wanted:
        place = known.get(path)
        if place is not None and (value := _value(eyes, record, place, linked)) is not None:
            found[path] = value
    return found


def _value(eyes: Actor, record: Any, place: Place, linked: dict[str, Any]) -> Value | None:
    if place.path in OWNER:
        person = by_id(record.owner_id) if record.owner_id else None
        return Value(words=str(getattr(person, place.path.partition(".")[2])) if person else "")
    if place.via is None:
        return Value(place.field, place.field.value_in(record))
    if place.via.key not in linked:
        id_ = place.via.value_in(record)
        linked[place.via.key] = record_for(eyes, place.via.links, id_) if id_ else None
    other = linked[place.via.key]
    return Value(place.field, place.field.value_in(other)) if other is not None else None
