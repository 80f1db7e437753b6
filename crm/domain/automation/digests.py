"""One message at the end of an import or of a change of many records, instead of one for each record."""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from crm.domain.automation.models import AutomationDigest, AutomationEvent
from crm.domain.imports.models import Import, ImportResult
from crm.domain.imports.states import Outcome
from crm.domain.notifications.actions import Kind, News, notify
from crm.domain.people.models import Person
from crm.domain.registry import RECORD_TYPES
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import unscoped

NEW = "new"
_PATIENT = 4  # attempts of one row: half a minute
TABLE = AutomationDigest.__tablename__


def source_of(type_: str, id_: int) -> str:
    return f"{type_}:{id_}"


def gather(source: str, type_key: str, rule_id: int, news: Sequence[News]) -> None:
    """What would have been told of single records is counted for each person."""
    for person, count in sorted(Counter(each.person_id for each in news).items()):
        _count(source, type_key, person, str(rule_id), count)


def _count(source: str, type_key: str, person: int, key: str, count: int) -> None:
    row = {"source": source, "person_id": person, "record_type": type_key, "counts": {key: count}}
    new = insert(AutomationDigest).values(row)
    there = func.coalesce(AutomationDigest.counts[key].as_integer(), 0)
    summed = AutomationDigest.counts.op("||")(func.jsonb_build_object(key, there + count))
    db.session.execute(new.on_conflict_do_update(index_elements=("source", "person_id"), set_={"counts": summed}))


def tell_owners(import_: Import, branch: frozenset[int] | None) -> list[int]:
    """Everybody to whom records came by the import, with how many; `branch`: only records of these departments."""
    if import_.record_type not in RECORD_TYPES:  # follow-ups come to nobody
        return []
    entity = RECORD_TYPES[import_.record_type].entity
    came = select(entity.owner_id, func.count()).join(ImportResult, ImportResult.record_id == entity.id)
    came = came.join(Person, Person.id == entity.owner_id).where(Person.active, entity.deleted_at.is_(None))
    came = came.where(ImportResult.import_id == import_.id)
    came = came.where(ImportResult.outcome.in_((Outcome.CREATED.value, Outcome.UPDATED.value, Outcome.MERGED.value)))
    if branch is not None:
        came = came.where(entity.department_id.in_(sorted(branch)))
    with unscoped("only how many of whose they are is counted"):
        rows = db.session.execute(came.group_by(entity.owner_id).order_by(entity.owner_id)).all()
    for person, count in rows:
        _count(source_of("imports", import_.id), import_.record_type, person, NEW, count)
    return [person for person, _ in rows]


def is_under_way(source: str, done: Collection[int]) -> bool:
    """Whether anything of it still waits for rules; `done` are the rows that have just been dealt with. What has gone
    wrong again and again is waited for no longer: everybody else is told."""
    left = select(AutomationEvent.id).where(AutomationEvent.source == source, AutomationEvent.id.not_in(done))
    left = left.where(AutomationEvent.attempts < _PATIENT)
    return db.session.scalar(left.limit(1)) is not None


def close(source: str) -> int:
    """Tell everybody for whom something was gathered, once. Returns how many."""
    waiting = select(AutomationDigest).where(AutomationDigest.source == source, AutomationDigest.told_at.is_(None))
    digests = db.session.scalars(waiting.order_by(AutomationDigest.person_id).with_for_update()).all()
    notify(Kind.AUTOMATED_DIGEST, [News(each.person_id, TABLE, each.id, key=source) for each in digests])
    for each in digests:
        each.told_at = clock.now()
    return len(digests)


def digest_of(person_id: int | None, digest_id: int) -> Any:
    """One of somebody's own."""
    return select(AutomationDigest).where(AutomationDigest.id == digest_id, AutomationDigest.person_id == person_id)
