"""Who waits for whom while two become one.

Whoever writes on a record that belongs to another holds it, and then waits for that other one: a customer keeps when it
was last spoken to, and the database looks up the links of a row that is written twice. So whoever moves what belongs to
a record holds it too before they hold the record: no two wait for each other for ever. Of a merge and the next one what
the one moves may be one of the two of the other, so those of one type take turns.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select, text

from crm.domain.duplicates.models import Merge
from crm.domain.duplicates.places import Place, places
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import Base, db

_MOVED = "id IN (SELECT row_id FROM merge_items WHERE merge_id = :merge AND place = :place)"


def hold(type_key: str, survivor_id: int, gone_id: int) -> None:
    """What a merge is to move, until the transaction ends. The two are locked after this, in the order of their ids."""
    _take_turns(type_key)
    for place in _places(type_key):
        _lock(place, "TRUE", {"type": type_key, "of": gone_id})
        if place.table == type_key:  # the one that is given up may stand below the other
            _lock(place, "id = :gone", {"type": type_key, "of": survivor_id, "gone": gone_id})


def hold_moved(merge: Merge) -> None:
    """The same of what is to go back when it is undone."""
    _take_turns(merge.record_type)
    for place in _places(merge.record_type):
        known = {"type": merge.record_type, "of": merge.survivor_id, "merge": merge.id, "place": place.name}
        _lock(place, _MOVED, known)


def _take_turns(type_key: str) -> None:
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"merging {type_key}"))))


def _places(type_key: str) -> list[Place]:
    """Of records: a ticket comes before the contact it is from. What is no record is written by whoever holds one."""
    order = [table.name for table in reversed(Base.metadata.sorted_tables)]
    records = (each for each in places(type_key) if each.is_of_records and not _goes_along(each, type_key))
    return sorted(records, key=lambda place: order.index(place.table))


def _goes_along(place: Place, type_key: str) -> bool:
    """Whoever gives the record to somebody holds that first, and then what goes along with it."""
    return place.table != type_key and RECORD_TYPES[place.table].entity.goes_along


def _lock(place: Place, more: str, known: Mapping[str, Any]) -> None:
    statement = f"SELECT FROM {place.table} WHERE {place.holds} AND {more} ORDER BY id FOR NO KEY UPDATE"
    named = {key: value for key, value in {**known, **place.known}.items() if f":{key}" in statement}
    db.session.execute(text(statement), named)
