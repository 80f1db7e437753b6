"""The nightly count: one statement a type, all its records once, by owner and department."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, select

from crm.domain.people.actions import SYSTEM
from crm.domain.quality.checks import STANDARD, Check, checks_of
from crm.domain.quality.models import QualityCount, QualityDay
from crm.domain.quality.settings import settings_of, wanted_fields
from crm.domain.registry import RECORD_TYPES
from crm.infra import clock, json
from crm.infra.db import db
from crm.kernel.access import unscoped
from crm.kernel.bulk import copy_rows
from crm.kernel.company import company
from crm.kernel.fields import Context
from crm.kernel.records import RecordType

KEPT_DAILY = dt.timedelta(days=92)
KEPT = dt.timedelta(days=731)  # the first of each month


def step() -> bool:
    """Count one type that has not been counted today; False where all are. Whoever calls commits."""
    today = company.today()
    done = set(db.session.scalars(select(QualityDay.record_type).where(QualityDay.day == today)))
    for key in STANDARD:
        if key not in done:
            count(RECORD_TYPES[key], today)
            return True
    return False


def count(type_: RecordType, today: dt.date) -> None:
    """Anew, if it was counted today already."""
    settings = settings_of()
    days = (QualityDay, QualityCount)
    for table in days:
        db.session.execute(delete(table).where(table.day == today, table.record_type == type_.key))
    fields = type_.list.open_to(SYSTEM).by_key
    checks = checks_of(type_, fields, wanted_fields(settings, type_.key), settings.stale_days, today)
    copy_rows(
        "quality_counts",
        ("day", "record_type", "department_id", "owner_id", "records", "counts"),
        (
            (today, type_.key, row.department_id, row.owner_id, row.records, _counts(checks, row[3:]))
            for row in _counted(type_, checks)
        ),
    )
    db.session.add(QualityDay(day=today, record_type=type_.key, counted_at=clock.now(), stale_days=settings.stale_days))


def _counted(type_: RecordType, checks: list[Check]) -> list[Any]:
    entity, context = type_.entity, Context(SYSTEM)
    fields = type_.list.open_to(SYSTEM).by_key
    failed = [func.count().filter(each.criterion(fields, context)) for each in checks]
    statement = select(entity.owner_id, entity.department_id, func.count().label("records"), *failed)
    statement = statement.where(entity.deleted_at.is_(None)).group_by(entity.owner_id, entity.department_id)
    with unscoped("the records of everybody are counted, not shown"):
        return list(db.session.execute(statement))


def _counts(checks: list[Check], numbers: Sequence[int]) -> str:
    """With those that nothing fails: what is not named was not looked at."""
    return json.dumps({each.key: number for each, number in zip(checks, numbers, strict=True)})


def forget() -> bool:
    """Remove a day that is not kept; False where there is none."""
    today = company.today()
    old = select(QualityDay.day).where(QualityDay.day < today - KEPT_DAILY)
    old = old.where((func.extract("day", QualityDay.day) != 1) | (QualityDay.day < today - KEPT))
    day = db.session.scalar(old.order_by(QualityDay.day).limit(1))
    if day is None:
        return False
    for table in (QualityDay, QualityCount):
        db.session.execute(delete(table).where(table.day == day))
    return True
