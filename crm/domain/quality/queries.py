"""The numbers of one type as somebody may see them: of the last count, of those whose records they reach."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, and_, cast, false, func, or_, select, true

from crm.domain.people.models import Person
from crm.domain.quality.checks import Check, checks_of, looked_at
from crm.domain.quality.models import QualityCount, QualityDay, QualitySettings
from crm.domain.quality.settings import settings_of, wanted_fields
from crm.infra.db import db
from crm.kernel.access import Actor, Reach
from crm.kernel.fields import Context
from crm.kernel.records import RecordType

TREND = 60  # counts that a trend shows
SETTINGS = QualitySettings.__tablename__


class Row(NamedTuple):
    department_id: int | None
    owner_id: int | None
    records: int
    counts: Mapping[str, int]


@dataclass
class Numbers:
    """Of some records: how many there are, and by key of a check how many were looked at and how many fail it."""

    records: int = 0
    failed: dict[str, int] = field(default_factory=dict)
    looked: dict[str, int] = field(default_factory=dict)

    def add(self, records: int, counts: Mapping[str, int]) -> None:
        self.records += records
        for key, number in counts.items():
            self.put(key, number, records)

    def put(self, key: str, failed: int, looked: int) -> None:
        self.failed[key] = self.failed.get(key, 0) + failed
        self.looked[key] = self.looked.get(key, 0) + looked

    def of(self, key: str) -> int:
        return self.failed.get(key, 0)

    def asked(self, keys: Sequence[str]) -> bool:
        """Whether any of them was asked at all: what nobody looked at is not good."""
        return any(self.looked.get(key) for key in keys)

    def share(self, keys: Sequence[str]) -> float:
        """Of all that was looked at by these checks, what is good; 1 where there is nothing."""
        looked = sum(self.looked.get(key, 0) for key in keys)
        return 1 - sum(map(self.of, keys)) / looked if looked else 1.0


def last_day(type_: RecordType) -> QualityDay | None:
    statement = select(QualityDay).where(QualityDay.record_type == type_.key).order_by(QualityDay.day.desc())
    return db.session.scalars(statement.limit(1)).first()


def checks_for(actor: Actor, type_: RecordType, counted: QualityDay) -> list[Check]:
    """Of the fields that the actor may compare, as they were asked when it was counted."""
    fields = {key: each for key, each in type_.list.open_to(actor).by_key.items() if not each.masked}
    return checks_of(type_, fields, wanted_fields(settings_of(), type_.key), counted.stale_days, counted.day)


def _reached(actor: Actor, type_: RecordType) -> ColumnElement[bool]:
    """The same as the type's visible_to, said of owners and departments: their reach and the pools open to them. What
    is shared singly is `shared_rows`."""
    reach = actor.reach_of(type_.may_read)
    if reach is Reach.ALL:
        return true()
    if reach is Reach.NONE or actor.id is None:
        return false()
    departments = actor.departments(type_.may_read)
    within = QualityCount.department_id.in_(departments) if departments else QualityCount.owner_id == actor.id
    if not type_.entity.pooled:
        return within
    place = or_(QualityCount.department_id.is_(None), QualityCount.department_id.in_(actor.pools))
    return or_(within, and_(QualityCount.owner_id.is_(None), place))


def rows_of(actor: Actor, type_: RecordType, day: dt.date, department: int | None = None) -> Sequence[Any]:
    """(department, owner, records, counts) of one day."""
    statement = select(
        QualityCount.department_id, QualityCount.owner_id, QualityCount.records, QualityCount.counts
    ).where(QualityCount.record_type == type_.key, QualityCount.day == day, _reached(actor, type_))
    if department is not None:
        statement = statement.where(QualityCount.department_id == department)
    return db.session.execute(statement).all()


def shared_rows(actor: Actor, type_: RecordType, checks: Sequence[Check], department: int | None = None) -> list[Any]:
    """Like rows_of, of the single records that are shown to the actor beyond their reach: few, and counted now."""
    if type_.key not in actor.shown or actor.reach_of(type_.may_read) in (Reach.ALL, Reach.NONE):
        return []
    entity, context, fields = type_.entity, Context(actor), type_.list.open_to(actor).by_key
    failed = [func.count().filter(each.criterion(fields, context)) for each in checks]
    shared = entity.branches(actor)[-1].with_only_columns(
        entity.department_id, entity.owner_id, func.count().label("records"), *failed
    )
    if department is not None:
        shared = shared.where(entity.department_id == department)
    found = db.session.execute(shared.group_by(entity.department_id, entity.owner_id))
    keys = [each.key for each in checks]
    return [Row(each[0], each[1], each.records, dict(zip(keys, each[3:], strict=True))) for each in found]


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


def trend(
    actor: Actor, type_: RecordType, keys: Sequence[str], department: int | None = None
) -> list[tuple[dt.date, Numbers]]:
    """The last counts of these checks, oldest first, added up in the database: of everybody there are many rows."""
    days = select(QualityDay.day).where(QualityDay.record_type == type_.key).order_by(QualityDay.day.desc())
    sums = [
        total
        for key in keys
        for total in (
            func.sum(cast(QualityCount.counts[key], BigInteger)),
            func.sum(QualityCount.records).filter(QualityCount.counts.has_key(key)),
        )
    ]
    statement = select(QualityCount.day, func.sum(QualityCount.records), *sums).where(
        QualityCount.record_type == type_.key, QualityCount.day.in_(days.limit(TREND)), _reached(actor, type_)
    )
    if department is not None:
        statement = statement.where(QualityCount.department_id == department)
    found = []
    for day, records, *numbers in db.session.execute(statement.group_by(QualityCount.day).order_by(QualityCount.day)):
        theirs = Numbers(int(records))
        for key, failed, looked in zip(keys, numbers[::2], numbers[1::2], strict=True):
            if looked is not None:
                theirs.put(key, int(failed), int(looked))
        found.append((day, theirs))
    return found


def lacking() -> set[int]:
    """Active people who have records that fail a check, by the last count of each type."""
    last = select(QualityDay.record_type, func.max(QualityDay.day).label("day")).group_by(QualityDay.record_type)
    day = last.subquery()
    statement = (
        select(QualityCount.owner_id)
        .join(day, (day.c.record_type == QualityCount.record_type) & (day.c.day == QualityCount.day))
        .join(Person, (Person.id == QualityCount.owner_id) & Person.active)
        .where(QualityCount.counts.path_exists("$.* ? (@ > 0)"))
        .distinct()
    )
    return {each for each in db.session.scalars(statement) if each is not None}


def mine(actor: Actor) -> list[tuple[RecordType, list[tuple[Check, int]]]]:
    """What of the actor's own fails which check, by the last count; of fields that they may compare."""
    found = []
    for type_ in looked_at(actor) if "quality" in actor.modules else ():
        counted = last_day(type_)
        if counted is None:
            continue
        of = (QualityCount.owner_id == actor.id, QualityCount.record_type == type_.key, QualityCount.day == counted.day)
        own = whole(db.session.execute(select(QualityCount.records, QualityCount.counts).where(*of)).all())
        failing = [(each, own.of(each.key)) for each in checks_for(actor, type_, counted) if own.of(each.key)]
        if failing:
            found.append((type_, failing))
    return found
