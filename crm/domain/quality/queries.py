"""The numbers of one type as somebody may see them: of the last count, of those whose records they reach."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, false, func, or_, select, true

from crm.domain.notifications.queries import names_of
from crm.domain.people.models import Person
from crm.domain.quality.models import QualityCount, QualityDay, QualitySettings
from crm.infra.db import db
from crm.kernel.access import Actor, Reach
from crm.kernel.records import RecordType

TREND = 60  # counts that a trend shows
SETTINGS = QualitySettings.__tablename__


@dataclass
class Numbers:
    """Of some records: how many there are, and by key of a check how many fail it."""

    records: int = 0
    failed: dict[str, int] = field(default_factory=dict)

    def add(self, records: int, counts: Mapping[str, int]) -> None:
        self.records += records
        for key, number in counts.items():
            self.failed[key] = self.failed.get(key, 0) + number

    def of(self, key: str) -> int:
        return self.failed.get(key, 0)

    def share(self, keys: Sequence[str]) -> float:
        """Of all that was looked at by these checks, what is good; 1 where there is nothing."""
        looked = self.records * len(keys)
        return 1 - sum(map(self.of, keys)) / looked if looked else 1.0


def last_day(type_: RecordType) -> QualityDay | None:
    statement = select(QualityDay).where(QualityDay.record_type == type_.key).order_by(QualityDay.day.desc())
    return db.session.scalars(statement.limit(1)).first()


def _reached(actor: Actor, type_: RecordType) -> ColumnElement[bool]:
    """The same as the type's visible_to, said of owners and departments; what is shared singly is not in it."""
    reach = actor.reach_of(type_.may_read)
    if reach is Reach.ALL:
        return true()
    if reach is Reach.NONE or actor.id is None:
        return false()
    own = QualityCount.owner_id == actor.id
    departments = actor.departments(type_.may_read)
    return or_(own, QualityCount.department_id.in_(departments)) if departments else own


def rows_of(actor: Actor, type_: RecordType, day: dt.date, department: int | None = None) -> Sequence[Any]:
    """(department, owner, records, counts) of one day."""
    statement = select(
        QualityCount.department_id, QualityCount.owner_id, QualityCount.records, QualityCount.counts
    ).where(QualityCount.record_type == type_.key, QualityCount.day == day, _reached(actor, type_))
    if department is not None:
        statement = statement.where(QualityCount.department_id == department)
    return db.session.execute(statement).all()


def whole(rows: Sequence[Any]) -> Numbers:
    found = Numbers()
    for row in rows:
        found.add(row.records, row.counts)
    return found


def by(rows: Sequence[Any], name: str) -> dict[int | None, Numbers]:
    """By "department_id" or "owner_id"."""
    found: dict[int | None, Numbers] = {}
    for row in rows:
        found.setdefault(getattr(row, name), Numbers()).add(row.records, row.counts)
    return found


def trend(actor: Actor, type_: RecordType, department: int | None = None) -> list[tuple[dt.date, Numbers]]:
    """The last counts, oldest first."""
    days = select(QualityDay.day).where(QualityDay.record_type == type_.key).order_by(QualityDay.day.desc())
    statement = select(QualityCount.day, QualityCount.records, QualityCount.counts).where(
        QualityCount.record_type == type_.key, QualityCount.day.in_(days.limit(TREND)), _reached(actor, type_)
    )
    if department is not None:
        statement = statement.where(QualityCount.department_id == department)
    found: dict[dt.date, Numbers] = {}
    for row in db.session.execute(statement):
        found.setdefault(row.day, Numbers()).add(row.records, row.counts)
    return sorted(found.items(), key=lambda each: each[0])


def lacking() -> set[int]:
    """Active people who have records that fail a check, by the last count of each type."""
    last = select(QualityDay.record_type, func.max(QualityDay.day).label("day")).group_by(QualityDay.record_type)
    day = last.subquery()
    statement = (
        select(QualityCount.owner_id)
        .join(day, (day.c.record_type == QualityCount.record_type) & (day.c.day == QualityCount.day))
        .join(Person, (Person.id == QualityCount.owner_id) & Person.active)
        .where(QualityCount.counts != {})
        .distinct()
    )
    return {each for each in db.session.scalars(statement) if each is not None}


def _named(actor: Actor, ids: Collection[int]) -> Mapping[int, str]:
    """Where nothing of one's own is lacking any more there is nothing to be told of."""
    return {each: actor.name for each in ids} if actor.id in lacking() else {}


names_of[SETTINGS] = _named
