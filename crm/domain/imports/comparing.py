"""Rows that are like a record, or like an earlier row, without being the same: found before anything is written.

A batch is one question to the indexes there are (name, phone, mail address, what a name is called by), a row each in a
LATERAL join; what comes back is compared by the type's likeness, as at the saving of a form. Rows are compared with
each other within the keys of the likeness, as the search for duplicates does.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

from sqlalchemy import ARRAY, Integer, any_, delete, func, insert, literal, select, text, update

from crm.domain.imports import blocking
from crm.domain.imports.findings import PASSING, ImportCandidate, ImportHit, ImportKey, ImportLike
from crm.domain.imports.models import Import, ImportRow
from crm.domain.imports.states import RowState, State
from crm.domain.imports.targets import TARGETS
from crm.domain.imports.turns import advance, enter, fresh, owner_of, unhurried
from crm.domain.records.lookalikes import Given, given_of, lookalikes
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.likeness import Features, Likeness
from crm.kernel.packing import unpack
from crm.kernel.records import RecordType

BATCH = 500
BY_ITSELF = 5_000  # rows up to which it is done without being asked for
KEPT = 3  # records that a row is most like
KEYS = 20_000  # keys whose rows are compared in one transaction
THRESHOLD = 0.5
_LOWEST = -(2**63)

_UPTO = text("SELECT key FROM import_keys WHERE import_id = :id AND key > :after ORDER BY key OFFSET :many LIMIT 1")
_SHARED = text("""
    SELECT DISTINCT array_agg(line ORDER BY line) FROM import_keys
    WHERE import_id = :id AND key > :after AND (CAST(:upto AS bigint) IS NULL OR key <= :upto)
    GROUP BY key HAVING count(*) BETWEEN 2 AND :most""")


def can_compare(import_: Import) -> bool:
    target = TARGETS[import_.record_type]
    return isinstance(target, RecordType) and target.likeness is not None and import_.valid > 0


def compare(import_id: int, path: Path) -> Iterator[None]:
    """Each step is one transaction, which the job ends; taken up after a killed worker where the last one ended."""
    import_ = fresh(import_id, State.COMPARING)
    if import_.compared_line == 0 and not import_.keyed_line:
        forget_likes(import_id)
        import_.keyed_record = 0 if blocking.is_worth_it(import_) else None
        yield
    import_ = fresh(import_id, State.COMPARING)
    if import_.keyed_record is not None:
        yield from _keys(import_id)
        yield from blocking.look_at_records(import_id)
    import_ = fresh(import_id, State.COMPARING)
    begins = 0.0 if import_.keyed_record is None else 0.6
    while rows := _next(import_, import_.compared_line):
        unhurried()
        last = rows[-1].line
        _with_records(import_, owner_of(import_), rows)
        share = last / max(last, import_.checked_line)
        advance(import_, "compared_line", last, fraction=begins + (0.8 - begins) * share)
        yield
        import_ = fresh(import_id, State.COMPARING)
    after: int | None = _LOWEST
    while after is not None:
        after = _with_each_other(import_, owner_of(import_), after)
        if after is not None:
            yield
            import_ = fresh(import_id, State.COMPARING)
    for table in (ImportKey, ImportHit, ImportCandidate):
        db.session.execute(delete(table).where(table.import_id == import_id))
    alike = select(func.count()).where(ImportRow.import_id == import_id, ImportRow.likeness.is_not(None))
    import_.alike, import_.compared_at = db.session.scalar(alike) or 0, func.now()
    enter(import_, State.CHECKED)
    yield


def forget_likes(import_id: int) -> None:
    for table in PASSING:
        db.session.execute(delete(table).where(table.import_id == import_id))
    alike = (ImportRow.import_id == import_id) & ImportRow.likeness.is_not(None)
    db.session.execute(update(ImportRow).where(alike).values(likeness=None))


def _keys(import_id: int) -> Iterator[None]:
    """Of all rows, before records are looked at."""
    import_ = fresh(import_id, State.COMPARING)
    while rows := _next(import_, import_.keyed_line):
        unhurried()
        actor, last = owner_of(import_), rows[-1].line
        blocking.keep_keys(import_, _likeness(import_, actor)[1], _given(import_, actor, rows))
        advance(import_, "keyed_line", last, fraction=0.1 * last / max(last, import_.checked_line))
        yield
        import_ = fresh(import_id, State.COMPARING)


def _next(import_: Import, after: int) -> Sequence[Any]:
    statement = (
        select(ImportRow.line, ImportRow.values)
        .where(ImportRow.import_id == import_.id, ImportRow.line > after)
        .where(ImportRow.state == RowState.VALID)
    )
    return db.session.execute(statement.order_by(ImportRow.line).limit(BATCH)).all()


def _likeness(import_: Import, actor: Actor) -> tuple[RecordType, Likeness]:
    target = TARGETS[import_.record_type].open_to(actor)
    assert isinstance(target, RecordType) and target.likeness is not None
    return target, target.likeness


def _given(import_: Import, actor: Actor, rows: Sequence[Any]) -> dict[int, Given]:
    """Line → what is known of it, of what the actor may read."""
    target, likeness = _likeness(import_, actor)
    fields = target.by_key()
    return {row.line: given_of(actor, target.key, likeness, unpack(fields, row.values)) for row in rows}


def _with_records(import_: Import, actor: Actor, rows: Sequence[Any]) -> None:
    target, likeness = _likeness(import_, actor)
    given = _given(import_, actor, rows)
    pairs = None if import_.keyed_record is None else blocking.candidates(import_, [row.line for row in rows])
    found = lookalikes(actor, target.entity, likeness, given, THRESHOLD, pairs)
    likes = [
        {"line": line, "rank": rank, "record_id": each.id, "like_line": None, "score": each.score, "why": each.why}
        for line, some in found.items()
        for rank, each in enumerate(some[:KEPT])
    ]
    _keep(import_, likes)
    if pairs is None:
        blocking.keep_keys(import_, likeness, given)


def _with_each_other(import_: Import, actor: Actor, after: int) -> int | None:
    """A stretch of keys; where the next begins, None at the end."""
    of = {"id": import_.id, "after": after}
    upto: int | None = db.session.scalar(_UPTO, {**of, "many": KEYS})
    shared = db.session.scalars(_SHARED, {**of, "upto": upto, "most": blocking.MOST}).all()
    pairs = sorted({pair for lines in shared for pair in combinations(lines, 2)})
    lines = sorted({line for pair in pairs for line in pair})
    statement = select(ImportRow.line, ImportRow.values).where(
        ImportRow.import_id == import_.id,
        ImportRow.line == any_(literal(lines, ARRAY(Integer))),
        ImportRow.state == RowState.VALID,
    )
    _, likeness = _likeness(import_, actor)
    rows = db.session.execute(statement).all() if lines else []
    known = {line: one.features for line, one in _given(import_, actor, rows).items()}
    best: dict[int, tuple[float, int, tuple[str, ...]]] = {}
    for first, second in pairs:
        if first in known and second in known:
            _compare_rows(likeness, known, first, second, best)
    there = select(ImportLike.line).where(ImportLike.import_id == import_.id, ImportLike.line.in_(best))
    known_already = set(db.session.scalars(there)) if best else set()  # a record says more than another row
    likes = [
        {"line": line, "rank": 0, "record_id": None, "like_line": first, "score": score, "why": why}
        for line, (score, first, why) in best.items()
        if line not in known_already
    ]
    _keep(import_, likes)
    return upto


def _compare_rows(
    likeness: Likeness, known: Mapping[int, Features], first: int, second: int, best: dict[int, Any]
) -> None:
    alike = likeness.compare(known[first], known[second])
    if alike.score >= THRESHOLD and alike.score > best.get(second, (0.0,))[0]:
        best[second] = alike.score, first, alike.why


def _keep(import_: Import, likes: Sequence[Mapping[str, Any]]) -> None:
    if not likes:
        return
    db.session.execute(insert(ImportLike), [{"import_id": import_.id, **each} for each in likes])
    best = [each for each in likes if each["rank"] == 0]
    marks = {"lines": [each["line"] for each in best], "scores": [each["score"] for each in best]}
    db.session.execute(_MARK, {"id": import_.id, **marks})


_MARK = text("""
    UPDATE import_rows SET likeness = found.score
    FROM unnest(CAST(:lines AS integer[]), CAST(:scores AS real[])) AS found (line, score)
    WHERE import_id = :id AND import_rows.line = found.line""")
