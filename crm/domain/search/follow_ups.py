"""Follow-ups that hold a text, of records somebody may see, newest first and within a bounded time."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, cast, func, literal, select, union_all
from sqlalchemy.dialects.postgresql import TSQUERY

from crm.domain.registry import RECORD_TYPES
from crm.domain.search.excerpts import excerpt
from crm.domain.search.found import Found, Hit
from crm.domain.timeline.models import Followed, FollowUp
from crm.domain.timeline.searching import SEARCHED, haystack
from crm.infra.db import db
from crm.kernel.access import Actor, FieldRight
from crm.kernel.patience import OutOfTime, within
from crm.kernel.records import RecordType
from crm.kernel.text import needle, tsquery

NEAR = 3_000  # of the newest that are looked through before the index is asked, as in a list
INDEX_MS = 60  # a word that is common where little of it may be seen is given up after this
SPARE = 8  # times as many are read as are wanted: pairs of characters may have stood apart
_TEXTS = tuple(func.left(getattr(FollowUp, key), 4_000).label(key) for key in SEARCHED)


def readable(actor: Actor) -> list[RecordType]:
    """The types whose follow-ups the actor may read; none for somebody who may not read all that is searched."""
    if any(actor.right_to("follow_ups", key) < FieldRight.READ for key in SEARCHED):
        return []
    return [each for each in RECORD_TYPES.values() if actor.may(each.may_read) and issubclass(each.entity, Followed)]


def follow_ups(actor: Actor, text: str, size: int) -> Found:
    """Up to `size`; `more` where there are others, or may be."""
    # They hold no marked phone or address: whoever reads a follow-up reads all that is written in it.
    question = tsquery(text, ("phone", "email"))
    if question is None:
        return Found(())
    fits, types, exact = cast(question, TSQUERY), readable(actor), needle(text)
    found, more = _ask(_newest(actor, types, fits), exact, size), False
    if len(found) <= size:
        try:
            with within(INDEX_MS):
                found |= _ask(_all(actor, types, fits), exact, size)
        except OutOfTime:
            more = True
    return Found([_hit(row, text) for row in list(found.values())[:size]], more or len(found) > size)


def _ask(statement: Select[Any], exact: str, size: int) -> dict[int, Row[Any]]:
    """By id, one more than wanted if there are so many; what is not exactly there is passed over."""
    rows = db.session.execute(statement.limit(SPARE * size if exact else size + 1))
    return {row.id: row for row in rows if not exact or exact in haystack(row._asdict())}


def _newest(actor: Actor, types: Sequence[RecordType], fits: ColumnElement[Any]) -> Select[Any]:
    """Among those written down last, whatever they are about; common words fill their page from there."""
    columns = (FollowUp.id, FollowUp.subject_type, FollowUp.subject_id, FollowUp.happened_at, FollowUp.search)
    near = select(*columns).where(FollowUp.deleted_at.is_(None)).order_by(FollowUp.id.desc()).limit(NEAR).cte("near")
    hits = select(near.c.id, near.c.subject_type, near.c.subject_id).where(near.c.search.op("@@")(fits)).cte("hits")
    parts = []
    for each in types:
        of_type = and_(hits.c.subject_id == each.entity.id, hits.c.subject_type == each.key)
        seen = each.entity.visible_to(actor).join(hits, of_type)
        parts.append(seen.with_only_columns(*_columns(each), FollowUp.id).join(FollowUp, FollowUp.id == hits.c.id))
    return _joined(parts)


def _all(actor: Actor, types: Sequence[RecordType], fits: ColumnElement[Any]) -> Select[Any]:
    parts = []
    for each in types:
        on = and_(FollowUp.subject_id == each.entity.id, FollowUp.subject_type == each.key)
        fitting = (FollowUp.deleted_at.is_(None), FollowUp.search.op("@@")(fits))
        parts += [
            branch.join(FollowUp, on).where(*fitting).with_only_columns(*_columns(each), FollowUp.id)
            for branch in each.entity.branches(actor)
        ]
    return _joined(parts)


def _columns(type_: RecordType) -> tuple[Any, ...]:
    about = (literal(type_.key).label("subject_type"), type_.entity.id.label("subject_id"))
    return (*about, type_.entity.name.label("name"), FollowUp.happened_at, *_TEXTS)


def _joined(parts: Sequence[Select[Any]]) -> Select[Any]:
    whole = union_all(*parts).subquery()
    # By when they happened, which no index has: the order must not tempt the planner to walk one.
    return select(whole).order_by(whole.c.happened_at.desc(), whole.c.id.desc()).execution_options(scoped=True)


def _hit(row: Row[Any], text: str) -> Hit:
    texts = [each for key in SEARCHED if (each := row._mapping[key])]
    return Hit(row.id, row.name, excerpt(texts, text), (row.subject_type, row.subject_id))
