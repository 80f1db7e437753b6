"""Where merged records have gone, what has been merged into one, and which pairs are alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from crm.domain.duplicates.models import DuplicatePair, DuplicateSearch, Merge
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.pages import Count
from crm.kernel.records import RecordType

PAGE = 25
_FURTHEST = 20  # merges one after the other that an address is followed through


def survivor_of(actor: Actor, type_: RecordType, id_: int) -> int | None:
    """Where the address of a record that was merged leads, if the actor may see that."""
    seen = id_
    for _ in range(_FURTHEST):
        found = select(Merge.survivor_id).filter_by(record_type=type_.key, gone_id=seen, undone_at=None)
        into = db.session.scalar(found.order_by(Merge.id.desc()).limit(1))
        if into is None:
            break
        seen = into
    if seen == id_:
        return None
    entity = type_.entity
    there = entity.visible_to(actor).where(entity.id == seen).with_only_columns(entity.id)
    return seen if db.session.scalar(there) is not None else None


def merged_into(type_: RecordType, survivor: Any) -> Sequence[Merge]:
    """The newest first; only those that can be undone."""
    of = Merge.record_type == type_.key, Merge.survivor_id == survivor.id
    able = Merge.undone_at.is_(None), Merge.forgotten_at.is_(None)
    return db.session.scalars(select(Merge).where(*of, *able).order_by(Merge.id.desc())).all()


@dataclass(frozen=True)
class Pair:
    first: Any
    second: Any
    score: float


def count_pairs(actor: Actor, type_: RecordType, most: int = 1_000) -> Count:
    """Of those `pairs` gives, no further than `most`."""
    one, other = (each.subquery() for each in _seen(actor, type_))
    found = (
        select(DuplicatePair.first_id)
        .join(one, one.c.id == DuplicatePair.first_id)
        .join(other, other.c.id == DuplicatePair.second_id)
        .where(DuplicatePair.record_type == type_.key, DuplicatePair.parted_at.is_(None))
        .limit(most + 1)
    )
    counted = select(func.count()).select_from(found.subquery()).execution_options(scoped=True)
    number = db.session.scalar(counted) or 0
    return Count(min(number, most), more=number > most)


def pairs(actor: Actor, type_: RecordType, after: tuple[float, int, int] | None = None) -> list[Pair]:
    """The most alike first, of those whose two records the actor can see; one more than a page where there are more."""
    one, other = (aliased(type_.entity, each.subquery()) for each in _seen(actor, type_))
    statement = (
        select(DuplicatePair.score, one, other)
        .join(one, one.id == DuplicatePair.first_id)
        .join(other, other.id == DuplicatePair.second_id)
        .where(DuplicatePair.record_type == type_.key, DuplicatePair.parted_at.is_(None))
        .order_by(DuplicatePair.score.desc(), DuplicatePair.first_id, DuplicatePair.second_id)
        .limit(PAGE + 1)
        .execution_options(scoped=True)
    )
    if after is not None:
        statement = statement.where(_behind(after))
    return [Pair(first, second, score) for score, first, second in db.session.execute(statement)]


def place_of(type_: RecordType, first: int, second: int) -> tuple[float, int, int] | None:
    """Where a pair stands among the others."""
    of = {"record_type": type_.key, "first_id": first, "second_id": second}
    score = db.session.scalar(select(DuplicatePair.score).filter_by(**of))
    return (score, first, second) if score is not None else None


def _seen(actor: Actor, type_: RecordType) -> tuple[Any, Any]:
    return type_.entity.visible_to(actor), type_.entity.visible_to(actor)


def _behind(after: tuple[float, int, int]) -> Any:
    score, first, second = after
    same = DuplicatePair.score == score
    return or_(
        DuplicatePair.score < score,
        and_(same, DuplicatePair.first_id > first),
        and_(same, DuplicatePair.first_id == first, DuplicatePair.second_id > second),
    )


def last_search(type_: RecordType) -> DuplicateSearch | None:
    of = select(DuplicateSearch).where(DuplicateSearch.record_type == type_.key)
    done = of.where(DuplicateSearch.finished_at.is_not(None)).order_by(DuplicateSearch.id.desc()).limit(1)
    return db.session.scalars(done).first()
