"""Reading imports: the list, the rows behind each number, the file of failed rows.

Whoever passes an Import has fetched it through visible_to: its rows are theirs to see.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, or_, select

from crm.domain.imports.findings import ImportRehearsal
from crm.domain.imports.models import Import, ImportResult, ImportRow
from crm.domain.imports.rows import BAD
from crm.domain.imports.states import Outcome, RowState
from crm.infra.db import db
from crm.kernel.access import Actor

PAGE = 25
_CHUNK = 1_000
_RECENT = 50


def imports_of(actor: Actor, before: int | None = None) -> Sequence[Import]:
    """One page and one more, newest first, from below the id `before`."""
    statement = Import.visible_to(actor).order_by(Import.id.desc()).limit(PAGE + 1)
    return db.session.scalars(statement.where(Import.id < before) if before else statement).all()


def sources(actor: Actor) -> list[str]:
    """The systems that imports the actor may see have named, most recent first; by ix_imports_owner for most."""
    recent = Import.visible_to(actor).where(Import.source != "").order_by(Import.id.desc()).limit(_RECENT)
    return list(dict.fromkeys(db.session.scalars(recent.with_only_columns(Import.source))))


def problem_rows(import_: Import, after: int = 0, size: int = PAGE) -> Sequence[ImportRow]:
    """Rows with problems behind a line: one page and one more."""
    return db.session.scalars(
        select(ImportRow)
        .where(ImportRow.import_id == import_.id, ImportRow.problems.is_not(None), ImportRow.line > after)
        .order_by(ImportRow.line)
        .limit(size + 1)
    ).all()


def rows_of(import_: Import, kind: str, after: int = 0, size: int = PAGE) -> Sequence[Any]:
    """(ImportRow, ImportResult or None) behind a line: what became of rows (an Outcome), or what the check says
    (a RowState, or "all"); one page and one more. ValueError for any other kind."""
    statement = _rows(import_).where(ImportRow.line > after)
    if kind in set(Outcome):
        # The index of outcomes answers, and its order is the page's.
        statement = statement.where(ImportResult.outcome == kind, ImportResult.line > after).order_by(ImportResult.line)
        return db.session.execute(statement.limit(size + 1)).all()
    if kind == "not_reached":
        statement = statement.where(ImportRow.line > import_.run_line)
    elif kind != "all":
        statement = statement.where(ImportRow.state == RowState(kind))
    return db.session.execute(statement.order_by(ImportRow.line).limit(size + 1)).all()


def failed_rows(import_: Import) -> Iterator[tuple[ImportRow, ImportResult | None]]:
    """Every row that did not make it, or will not: a chunk at a time."""
    after = 0
    while True:
        statement = _rows(import_).where(
            ImportRow.line > after, or_(ImportRow.state == RowState.INVALID, ImportResult.outcome == Outcome.FAILED)
        )
        found = db.session.execute(statement.order_by(ImportRow.line).limit(_CHUNK)).all()
        yield from ((row, result) for row, result in found)
        if len(found) < _CHUNK:
            return
        after = found[-1][0].line
        db.session.expunge_all()


def _rows(import_: Import) -> Select[ImportRow, ImportResult]:
    joined = (ImportResult.import_id == ImportRow.import_id) & (ImportResult.line == ImportRow.line)
    return select(ImportRow, ImportResult).outerjoin(ImportResult, joined).where(ImportRow.import_id == import_.id)


def reasons(row: ImportRow, result: ImportResult | None) -> list[tuple[str | None, int | None, str, Mapping[str, Any]]]:
    """Why a row failed: (field key, column index, gettext id, params) of each problem."""
    if result is not None and result.problem:
        return [(None, None, result.problem["message"], result.problem["params"])]
    return [
        (key, column, message, params)
        for key, column, message, params, severity in row.problems or ()
        if severity == BAD
    ]


def rehearsed_rows(import_: Import, kind: str, after: int = 0, size: int = PAGE) -> Sequence[Any]:
    """(ImportRow, ImportRehearsal) behind a line, of one Outcome or of all (""): one page and one more."""
    joined = (ImportRehearsal.import_id == ImportRow.import_id) & (ImportRehearsal.line == ImportRow.line)
    statement = select(ImportRow, ImportRehearsal).join(ImportRehearsal, joined)
    statement = statement.where(ImportRehearsal.import_id == import_.id, ImportRehearsal.line > after)
    if kind:
        statement = statement.where(ImportRehearsal.outcome == kind)
    return db.session.execute(statement.order_by(ImportRehearsal.line).limit(size + 1)).all()
