"""A worker's turns at a search through all records of a type: each step is one transaction, and a killed worker's
search goes on where it stood.

First the keys of each record's likeness are written down, a stretch of records at a time; then those that have a key in
common are compared, a stretch of keys at a time. What thousands have in common tells nothing and is left out. In memory
there is never more than one stretch.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from sqlalchemy import select, text

from crm.domain.duplicates.events import DuplicatesAsked, PairParted
from crm.domain.duplicates.models import COMPARING, DONE, KEYING, WAITING, DuplicatePair, DuplicateSearch
from crm.domain.records.lookalikes import key_number
from crm.domain.registry import RECORD_TYPES
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.bulk import copy_rows
from crm.kernel.events import record
from crm.kernel.likeness import Features, Likeness
from crm.kernel.records import RecordType

STRETCH = 20_000  # records whose keys are written down in one transaction
KEYS = 100_000  # keys that are compared in one transaction
MOST = 40  # records of one key that are compared with each other
THRESHOLD = 0.5
_LOWEST, _SPAN = -(2**63), 2**64

_LAST = "SELECT coalesce(max(id), 0) FROM {table}"
_ROWS = "SELECT id, {columns} FROM {table} WHERE id > :after AND deleted_at IS NULL ORDER BY id LIMIT :many"
_THESE = "SELECT id, {columns} FROM {table} WHERE id = ANY(:ids)"
# How far one stretch of keys goes, and what more than one record has of it, each set of records once.
_UPTO = text("SELECT key FROM duplicate_keys WHERE key > :after ORDER BY key OFFSET :many LIMIT 1")
_SHARED = text("""
    SELECT DISTINCT array_agg(record_id ORDER BY record_id) FROM duplicate_keys
    WHERE key > :after AND (CAST(:upto AS bigint) IS NULL OR key <= :upto)
    GROUP BY key HAVING count(*) BETWEEN 2 AND :most""")
_KEPT = text("""
    INSERT INTO duplicate_pairs (record_type, first_id, second_id, score, search_id)
    SELECT :type, one, other, score, :search FROM
        unnest(CAST(:ones AS bigint[]), CAST(:others AS bigint[]), CAST(:scores AS real[])) AS found (one, other, score)
    ON CONFLICT (record_type, first_id, second_id)
    DO UPDATE SET score = excluded.score, search_id = excluded.search_id""")
# What is not alike any more; what somebody has said of two stays said.
_OUTDATED = text("DELETE FROM duplicate_pairs WHERE record_type = :type AND search_id < :search AND parted_at IS NULL")
_FOUND = text("SELECT count(*) FROM duplicate_pairs WHERE record_type = :type AND parted_at IS NULL")


def ask(actor: Actor, type_: RecordType) -> DuplicateSearch:
    """The one of this type that waits already, if there is one."""
    if (waiting := under_way(type_)) is not None:
        return waiting
    search = DuplicateSearch(record_type=type_.key, asked_by_id=actor.id, asked_at=clock.now())
    db.session.add(search)
    record(actor, search, DuplicatesAsked(type_.key))
    return search


def _unfinished() -> Any:
    return select(DuplicateSearch).where(DuplicateSearch.finished_at.is_(None)).order_by(DuplicateSearch.id)


def next_search() -> DuplicateSearch | None:
    return db.session.scalars(_unfinished().limit(1)).first()


def under_way(type_: RecordType) -> DuplicateSearch | None:
    return db.session.scalars(_unfinished().filter_by(record_type=type_.key).limit(1)).first()


def percent(search: DuplicateSearch) -> int:
    """Writing down counts for a third of the way."""
    if search.state == KEYING:
        return min(33, search.upto * 33 // search.last) if search.last else 33
    return 33 + (search.upto - _LOWEST) * 66 // _SPAN if search.state == COMPARING else 0


def step(search: DuplicateSearch) -> None:
    """The next transaction's work."""
    steps: Mapping[str, Callable[[DuplicateSearch], None]] = {WAITING: _begin, KEYING: _write_keys, COMPARING: _compare}
    steps[search.state](search)


def _begin(search: DuplicateSearch) -> None:
    db.session.execute(text("TRUNCATE duplicate_keys"))
    search.last = db.session.scalar(text(_LAST.format(table=search.record_type))) or 0
    search.state, search.upto = KEYING, 0


def _likeness(search: DuplicateSearch) -> Likeness:
    likeness = RECORD_TYPES[search.record_type].likeness
    assert likeness is not None
    return likeness


def _rows(template: str, search: DuplicateSearch, **asked: Any) -> Sequence[Mapping[str, Any]]:
    columns = ", ".join(dict.fromkeys(_likeness(search).fields.values()))
    statement = template.format(table=search.record_type, columns=columns)
    return [dict(each) for each in db.session.execute(text(statement), asked).mappings()]


def _write_keys(search: DuplicateSearch) -> None:
    rows = _rows(_ROWS, search, after=search.upto, many=STRETCH)
    if not rows:
        search.state, search.upto = COMPARING, _LOWEST
        return
    # In order, so that the index grows page by page.
    copy_rows("duplicate_keys", ("key", "record_id"), sorted(_keys(_likeness(search), rows)))
    search.upto = rows[-1]["id"]
    search.looked_at += len(rows)


def _keys(likeness: Likeness, rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, int]]:
    for row in rows:
        for number in {key_number(key) for key in likeness.keys(likeness.features(row))}:
            yield number, row["id"]


def _compare(search: DuplicateSearch) -> None:
    upto = db.session.scalar(_UPTO, {"after": search.upto, "many": KEYS})
    shared = db.session.scalars(_SHARED, {"after": search.upto, "upto": upto, "most": MOST}).all()
    pairs = {pair for ids in shared for pair in combinations(ids, 2)}
    _keep(search, sorted(_alike(search, pairs)))
    if upto is None:
        _finish(search)
    else:
        search.upto = upto


def _alike(search: DuplicateSearch, pairs: set[tuple[int, int]]) -> Iterator[tuple[int, int, float]]:
    likeness = _likeness(search)
    rows = _rows(_THESE, search, ids=sorted({each for pair in pairs for each in pair}))
    known: dict[int, Features] = {row["id"]: likeness.features(row) for row in rows}
    for one, other in pairs:
        if one in known and other in known:
            score = likeness.score(known[one], known[other])
            if score >= THRESHOLD:
                yield one, other, score


def _keep(search: DuplicateSearch, found: Sequence[tuple[int, int, float]]) -> None:
    if found:
        ones, others, scores = map(list, zip(*found, strict=True))
        db.session.execute(
            _KEPT, {"type": search.record_type, "search": search.id, "ones": ones, "others": others, "scores": scores}
        )


def _finish(search: DuplicateSearch) -> None:
    of = {"type": search.record_type, "search": search.id}
    db.session.execute(_OUTDATED, of)
    db.session.execute(text("TRUNCATE duplicate_keys"))
    search.found = db.session.scalar(_FOUND, {"type": search.record_type}) or 0
    search.state, search.finished_at = DONE, clock.now()


def part(actor: Actor, pair: DuplicatePair, first: Any, second: Any) -> None:
    """They are not the same, and are never shown as a pair again."""
    if pair.parted_at is None:
        pair.parted_at, pair.parted_by_id = clock.now(), actor.id
        record(actor, first, PairParted(second.id))
        record(actor, second, PairParted(first.id))
