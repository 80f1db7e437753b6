"""What leads to one record is made to lead to another, and back. Whoever's it is: what belongs to a record goes where
the record goes. Statements go past the scope on purpose."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from crm.domain.duplicates.models import Merge, MergeItem
from crm.domain.duplicates.places import Place, places
from crm.domain.orders.value import count_anew
from crm.domain.registry import RECORD_TYPES
from crm.domain.tickets import sales
from crm.domain.tickets.reckoning import of_customers
from crm.domain.timeline.actions import touch_all
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.events import Fact, record_many

_MAIN = "contacts.main"
# Of two main contacts the survivor's stays the main one.
_ONE_MAIN = text(f"""
    WITH moved AS (
        UPDATE contacts SET main = FALSE, version = version + 1
        WHERE customer_id = :to AND main AND id IN (
            SELECT row_id FROM merge_items WHERE merge_id = :merge AND place = 'contacts.customer_id')
        AND EXISTS (SELECT FROM contacts AS there WHERE there.customer_id = :to AND there.main AND there.id NOT IN (
            SELECT row_id FROM merge_items WHERE merge_id = :merge AND place = 'contacts.customer_id'))
        RETURNING id)
    INSERT INTO merge_items (merge_id, place, row_id) SELECT :merge, '{_MAIN}', id FROM moved""")
_MAIN_AGAIN = text(f"""
    UPDATE contacts SET main = TRUE, version = version + 1
    WHERE customer_id = :gone AND NOT main
    AND id IN (SELECT row_id FROM merge_items WHERE merge_id = :merge AND place = '{_MAIN}')
    AND NOT EXISTS (SELECT FROM contacts AS there WHERE there.customer_id = :gone AND there.main)""")


@dataclass
class Moved:
    """How many rows by place; `left` are the places of which something leads elsewhere by now and stays there."""

    counts: dict[str, int] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    tickets: Sequence[int] = ()  # that are of another customer now

    def note(self, place: Place, ids: Sequence[int]) -> None:
        self.counts[place.name] = len(ids)
        if place.name == "tickets.customer_id":
            self.tickets = ids

    @property
    def count(self) -> int:
        """Records, follow-ups, files and shares; not what only follows from them."""
        return sum(number for name, number in self.counts.items() if name not in _FOLLOWING)


REQUESTS = "access_requests.subject_id"
_FOLLOWING = frozenset({"follow_ups.customer_id", "contact_customers.customer_id", "tasks.about", REQUESTS, _MAIN})


def part(actor: Actor, merge: Merge) -> None:
    """The survivor leads to the one that is given up no more, nor to itself, whoever may write the field that did."""
    for place in _its_own(merge):
        statement = (
            f"WITH parted AS (UPDATE {place.table} SET {place.empties}, version = version + 1"
            f" WHERE id = :to AND {place.holds} RETURNING id)"
            " INSERT INTO merge_items (merge_id, place, row_id) SELECT :merge, :place, id FROM parted RETURNING row_id"
        )
        if _run(statement, place, merge, merge.gone_id, merge.survivor_id, ITSELF):
            _tell(actor, place, merge, [merge.survivor_id], merge.gone_id, None)
    db.session.expire_all()


def _join_again(actor: Actor, merge: Merge) -> None:
    """Where nothing else stands by now."""
    those = "SELECT row_id FROM merge_items WHERE merge_id = :merge AND place = :place"
    for place in _its_own(merge):
        statement = (
            f"UPDATE {place.table} SET {place.becomes}, version = version + 1"
            f" WHERE id = :of AND {place.empty} AND id IN ({those}) RETURNING id"
        )
        if _run(statement, place, merge, merge.survivor_id, merge.gone_id, ITSELF):
            _tell(actor, place, merge, [merge.survivor_id], None, merge.gone_id)


def _its_own(merge: Merge) -> list[Place]:
    return [each for each in places(merge.record_type) if each.empties and each.table == merge.record_type]


ITSELF = ":itself"


def move(actor: Actor, merge: Merge) -> Moved:
    moved = Moved()
    for place in places(merge.record_type):
        ids = _moved(place, merge)
        if ids:
            moved.note(place, ids)
            _tell(actor, place, merge, ids, merge.gone_id, merge.survivor_id)
    if "contacts.customer_id" in moved.counts:
        db.session.execute(_ONE_MAIN, {"merge": merge.id, "to": merge.survivor_id})
    _count(merge)
    sales.follow(actor, moved.tickets, moved.tickets)
    return moved


def move_back(actor: Actor, merge: Merge) -> Moved:
    moved = Moved()
    were = {place: number for place, number in db.session.execute(text(_WERE), {"merge": merge.id})}
    for place in places(merge.record_type):
        if place.name in were:
            ids = _back(place, merge)
            moved.note(place, ids)
            _tell(actor, place, merge, ids, merge.survivor_id, merge.gone_id)
            if len(ids) < were[place.name] and place.name != REQUESTS:  # what was answered meanwhile is settled
                moved.left.append(place.name)
    _join_again(actor, merge)
    if _MAIN in were:
        db.session.execute(_MAIN_AGAIN, {"merge": merge.id, "gone": merge.gone_id})
    db.session.query(MergeItem).filter_by(merge_id=merge.id).delete(synchronize_session=False)
    _count(merge)
    sales.follow(actor, moved.tickets, moved.tickets)
    return moved


_WERE = "SELECT place, count(*) FROM merge_items WHERE merge_id = :merge GROUP BY place"
_THOSE = "SELECT row_id FROM merge_items WHERE merge_id = :merge AND place = :place"


def _moved(place: Place, merge: Merge) -> list[int]:
    statement = (
        f"WITH moved AS ({_update(place)} RETURNING {place.row} AS row)"
        " INSERT INTO merge_items (merge_id, place, row_id) SELECT :merge, :place, row FROM moved RETURNING row_id"
    )
    return _run(statement, place, merge, merge.gone_id, merge.survivor_id)


def _back(place: Place, merge: Merge) -> list[int]:
    """Only what still leads to the survivor."""
    statement = f"{_update(place)} AND {place.row} IN ({_THOSE}) RETURNING {place.row}"
    return _run(statement, place, merge, merge.survivor_id, merge.gone_id)


def _update(place: Place) -> str:
    version = ", version = version + 1" if place.is_of_records else ""
    return f"UPDATE {place.table} SET {place.becomes}{version} WHERE {place.holds} AND {place.but}"


def _run(statement: str, place: Place, merge: Merge, of: int, to: int, more: str = "") -> list[int]:  # noqa: PLR0913
    known = {
        "merge": merge.id,
        "place": place.name + more,
        "type": merge.record_type,
        "of": of,
        "to": to,
        **place.known,
    }
    named = {key: value for key, value in known.items() if f":{key}" in statement}
    return list(db.session.scalars(text(statement), named))


def _tell(actor: Actor, place: Place, merge: Merge, ids: Collection[int], of: int | None, to: int | None) -> None:
    """Of each record that leads elsewhere now its own log says so."""
    if not place.field:
        return
    kept = {"about": (f"{merge.record_type}:{of}", f"{merge.record_type}:{to}")}
    change: dict[str, list[Any]] = {place.field: list(kept.get(place.field, (of, to)))}
    fact: Fact = RECORD_TYPES[place.table].verbs.facts.changed(change)
    record_many(actor, place.table, [(id_, fact) for id_ in ids])


def _count(merge: Merge) -> None:
    """What is derived from all that was moved."""
    db.session.flush()
    both = (merge.survivor_id, merge.gone_id)
    touch_all({(merge.record_type, each) for each in both})
    if merge.record_type == "customers":
        count_anew(both)
        of_customers(both)  # what their tickets are promised
    db.session.expire_all()
