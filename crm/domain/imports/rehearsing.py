"""The dry run: the very run, batch by batch, each rolled back when it is known what would become of its rows.

What a batch finds of earlier ones is rolled back with them, so the earlier rows that concern it go in again before it:
those of the same record, and those with the same value where only one record may have it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import delete, literal_column, select, text

from crm.domain.imports.batch import Batch
from crm.domain.imports.events import ImportRehearsed
from crm.domain.imports.findings import ImportRehearsal, ImportTwin
from crm.domain.imports.judging import mapping_of
from crm.domain.imports.models import Import, ImportRow
from crm.domain.imports.results import Result, keep_results
from crm.domain.imports.running import next_rows, rows_to_run
from crm.domain.imports.states import Outcome, State
from crm.domain.imports.targets import TARGETS
from crm.domain.imports.turns import advance, enter, fresh, owner_of, unhurried
from crm.domain.records.numbers import without_numbers
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.events import record
from crm.kernel.listening import as_run

REPLAYED = 50  # of many earlier rows of one record the first and so many of the last go in again

# By what rows are of one record, or stand in each other's way; `first_line` names the group.
_GROUP = """
    INSERT INTO import_twins (import_id, line, first_line)
    SELECT import_id, line, first_line FROM (
        SELECT import_id, line, min(line) OVER same AS first_line, count(*) OVER same AS rows FROM import_rows
        WHERE import_id = :id AND state <> 'invalid' AND {by} IS NOT NULL
        WINDOW same AS (PARTITION BY {by})) AS grouped
    WHERE rows > 1 ON CONFLICT DO NOTHING"""
_EARLIER = text("""
    WITH groups AS (
        SELECT DISTINCT first_line FROM import_twins
        WHERE import_id = :id AND line BETWEEN :first AND :last AND first_line < :first)
    SELECT first_line FROM groups UNION
    SELECT earlier.line FROM groups CROSS JOIN LATERAL (
        SELECT line FROM import_twins WHERE import_id = :id AND first_line = groups.first_line AND line < :first
        ORDER BY line DESC LIMIT :most) AS earlier""")


def rehearse(import_id: int, path: Path) -> Iterator[None]:
    """Each step is one transaction, which the job ends; what it keeps are words about rows."""
    import_ = fresh(import_id, State.REHEARSING)
    if import_.rehearsed_line == 0:
        forget_rehearsal(import_id)
        _group(import_)
        yield
        import_ = fresh(import_id, State.REHEARSING)
    while batch := next_rows(import_, import_.rehearsed_line):
        unhurried()
        results = _tried(import_, owner_of(import_), batch)
        keep_results("import_rehearsals", import_.id, results)
        done = import_.rehearsed + len(results)
        advance(import_, "rehearsed_line", batch[-1].line, rehearsed=done, fraction=done / import_.rows)
        yield
        import_ = fresh(import_id, State.REHEARSING)
    counts = _counted(import_id)
    import_.rehearsal = {"at": clock.now().isoformat(), "duplicates": import_.duplicates, **counts}
    db.session.execute(delete(ImportTwin).where(ImportTwin.import_id == import_id))
    enter(import_, State.CHECKED)
    record(Actor(import_.owner_id), import_, ImportRehearsed(**counts))
    yield


def forget_rehearsal(import_id: int) -> None:
    db.session.execute(delete(ImportRehearsal).where(ImportRehearsal.import_id == import_id))
    db.session.execute(delete(ImportTwin).where(ImportTwin.import_id == import_id))


def _group(import_: Import) -> None:
    db.session.execute(text(_GROUP.format(by="match_key")), {"id": import_.id})
    target = TARGETS[import_.record_type]
    for key in sorted({key for key in mapping_of(import_).values() if target.by_key()[key].unique}):
        db.session.execute(text(_GROUP.format(by="values->>:key")), {"id": import_.id, "key": key})


def _tried(import_: Import, actor: Actor, batch: Sequence[Any]) -> list[Result]:
    """What the run would answer."""
    earlier = _earlier(import_, batch)
    with _nothing_kept(), as_run(f"imports:{import_.id}", heard=False), without_numbers(f"{import_.id}"):
        before = Batch(import_, actor).results(earlier)
        results = Batch(import_, actor).results(batch)
    made = {each.record_id for each in (*before, *results) if each.outcome is Outcome.CREATED}
    return [each._replace(record_id=None) if each.record_id in made else each for each in results]


def _earlier(import_: Import, batch: Sequence[Any]) -> Sequence[Any]:
    asked = {"id": import_.id, "first": batch[0].line, "last": batch[-1].line, "most": REPLAYED}
    lines = list(db.session.scalars(_EARLIER, asked))
    if not lines:
        return ()
    return db.session.execute(rows_to_run(import_).where(ImportRow.line.in_(lines))).all()


@contextmanager
def _nothing_kept() -> Iterator[None]:
    """What is done in the block is rolled back, and nobody is told of it."""
    before = {key: value.copy() if isinstance(value, set) else value for key, value in db.session.info.items()}
    savepoint = db.session.begin_nested()
    try:
        yield
    finally:
        if savepoint.is_active:
            savepoint.rollback()
        db.session.info.clear()
        db.session.info.update(before)


def _counted(import_id: int) -> dict[str, int]:
    count: Any = literal_column("count(*)")
    statement = select(ImportRehearsal.outcome, count).where(ImportRehearsal.import_id == import_id)
    found = Counter(
        {outcome: rows for outcome, rows in db.session.execute(statement.group_by(ImportRehearsal.outcome))}
    )
    return {str(outcome): found[outcome] for outcome in Outcome}
