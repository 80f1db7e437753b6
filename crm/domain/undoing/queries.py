"""Reading what became of an import that was taken back. Whoever passes an undo has fetched its import by visible_to."""

from collections.abc import Sequence

from sqlalchemy import delete, select

from crm.domain.imports.models import Import
from crm.domain.undoing.models import ImportUndo, ImportUndoRow
from crm.infra.db import db
from crm.kernel.access import unscoped

PAGE = 50
_FORGET = 10_000


def rows_of(undo: ImportUndo, outcome: str, after: int = 0) -> Sequence[ImportUndoRow]:
    """One page and one more, behind an id."""
    statement = select(ImportUndoRow).where(
        ImportUndoRow.undo_id == undo.id, ImportUndoRow.outcome == outcome, ImportUndoRow.id > after
    )
    return db.session.scalars(statement.order_by(ImportUndoRow.id).limit(PAGE + 1)).all()


def undo_of(import_id: int, undo_id: int) -> ImportUndo | None:
    return db.session.scalars(select(ImportUndo).filter_by(import_id=import_id, id=undo_id)).first()


def forget_some() -> int:
    """Remove rows of undos whose import's rows are gone; returns how many."""
    with unscoped("old rows of everybody"):
        gone = (
            select(ImportUndo.id).join(Import, Import.id == ImportUndo.import_id).where(Import.purged_at.is_not(None))
        )
        old = select(ImportUndoRow.id).where(ImportUndoRow.undo_id.in_(gone)).limit(_FORGET)
        done = db.session.execute(delete(ImportUndoRow).where(ImportUndoRow.id.in_(old)))
    return int(done.rowcount)  # type: ignore[attr-defined]
