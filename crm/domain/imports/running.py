"""The run: staged rows become records, in batches that are one transaction each with events, results and checkpoint."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Select, exists, null, select

from crm.domain.imports.batch import Batch
from crm.domain.imports.chaining import let_follow
from crm.domain.imports.models import Import, ImportResult, ImportRow
from crm.domain.imports.results import Result, keep_results
from crm.domain.imports.states import State
from crm.domain.imports.turns import advance, enter, fresh, owner_of, unhurried
from crm.infra.db import db
from crm.kernel.listening import as_run

BATCH = 2_000


def run(import_id: int, path: Path) -> Iterator[None]:
    """Each step is one transaction, which the job ends."""
    import_ = fresh(import_id, State.RUNNING)
    while batch := next_rows(import_, import_.run_line):
        unhurried()
        with as_run(f"imports:{import_.id}", heard=import_.automates):
            results = Batch(import_, owner_of(import_)).results(batch)
        _write(import_, results, batch[-1].line)
        yield
        import_ = fresh(import_id, State.RUNNING)
    enter(import_, State.DONE)
    if import_.passes == 1:
        let_follow(import_)
    yield


def rows_to_run(import_: Import) -> Select[Any]:
    """By line what Batch needs of the rows."""
    at = import_.source_column
    external: Any = null() if at is None else ImportRow.raw[at].as_string()
    columns = (ImportRow.line, ImportRow.state, ImportRow.values, ImportRow.match_key, external.label("external"))
    chosen = (ImportRow.likeness, ImportRow.decision, ImportRow.decided_id)
    return select(*columns, *chosen).where(ImportRow.import_id == import_.id).order_by(ImportRow.line)


def next_rows(import_: Import, after: int) -> Sequence[Any]:
    """A batch of the rows behind a line that have still to become something."""
    statement = rows_to_run(import_).where(ImportRow.line > after).limit(BATCH)
    if import_.passes > 1:  # only what has no result any more
        done = (ImportResult.import_id == import_.id) & (ImportResult.line == ImportRow.line)
        statement = statement.where(~exists().where(done))
    return db.session.execute(statement).all()


def _write(import_: Import, results: Sequence[Result], line: int) -> None:
    counts = Counter(each.outcome.value for each in results)
    changes = {name: getattr(Import, name) + count for name, count in counts.items()}
    fraction = (import_.reached + len(results)) / import_.rows
    advance(import_, "run_line", line, fraction=fraction, **changes)
    keep_results("import_results", import_.id, results)
