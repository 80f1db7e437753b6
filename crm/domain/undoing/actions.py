"""What a person does to take an import back. What a worker does is in running.py."""

import datetime as dt

from sqlalchemy import func, select

from crm.domain.imports.models import Import, ImportResult
from crm.domain.imports.purge import ROWS_KEPT
from crm.domain.undoing.events import RedoStarted, UndoAsked, UndoCancelled, UndoResumed, UndoStarted
from crm.domain.undoing.models import ImportUndo, Kind, State
from crm.domain.undoing.running import DID
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor, Reach
from crm.kernel.errors import RuleBroken
from crm.kernel.events import record
from crm.kernel.permissions import Permission
from crm.kernel.text import N_

_NOT_NOW = N_("This import cannot be undone now: look at where it stands.")


def latest(import_id: int, *, preview: bool = False) -> ImportUndo | None:
    """The last preview, or the last time it was undone or made again."""
    kind = ImportUndo.kind == Kind.PREVIEW if preview else ImportUndo.kind != Kind.PREVIEW
    return db.session.scalars(
        select(ImportUndo).where(ImportUndo.import_id == import_id, kind).order_by(ImportUndo.id.desc()).limit(1)
    ).first()


def until(import_: Import) -> dt.datetime:
    """The moment up to which it can be undone."""
    return (import_.finished_at or import_.created_at) + ROWS_KEPT


def may_try(actor: Actor, import_: Import) -> bool:
    """Whoever brought it in, and whoever sees everybody's imports; of each record their own rights decide."""
    everybody = actor.reach_of(Permission.IMPORTS_READ) is Reach.ALL
    return actor.id == import_.owner_id or everybody


def is_undoable(import_: Import) -> bool:
    if not import_.is_ended or import_.purged_at or until(import_) <= clock.now():
        return False
    last = latest(import_.id)
    return import_.came_in > 0 and (last is None or (last.kind == Kind.REDO and _has_ended(last)))


def is_redoable(import_: Import) -> bool:
    last = latest(import_.id)
    return last is not None and last.kind == Kind.UNDO and _has_ended(last) and not import_.purged_at


def _has_ended(undo: ImportUndo) -> bool:
    return undo.state != State.RUNNING


def preview(actor: Actor, import_: Import) -> ImportUndo:
    """Have it said what undoing would do."""
    undo = _start(actor, import_, Kind.PREVIEW)
    record(actor, import_, UndoAsked(undo.id))
    return undo


def undo(actor: Actor, import_: Import) -> ImportUndo:
    """Remove what it made, give back what it changed; what people have changed since stays."""
    made = _start(actor, import_, Kind.UNDO)
    import_.undone_at = clock.now()
    record(actor, import_, UndoStarted(made.id))
    return made


def redo(actor: Actor, import_: Import) -> ImportUndo:
    """Bring back what undoing removed, and the file's values onto what it gave back."""
    _lock(actor, import_)
    if not is_redoable(import_):
        raise RuleBroken(_NOT_NOW)
    last = latest(import_.id)
    assert last is not None
    total = last.removed + last.restored + last.partly
    made = ImportUndo(import_id=import_.id, kind=Kind.REDO, of_id=last.id, by_id=actor.id, total=total)
    db.session.add(made)
    db.session.flush()
    record(actor, import_, RedoStarted(made.id))
    return made


def _start(actor: Actor, import_: Import, kind: Kind) -> ImportUndo:
    _lock(actor, import_)
    if not is_undoable(import_):
        raise RuleBroken(_NOT_NOW)
    did = select(func.count()).where(ImportResult.import_id == import_.id, ImportResult.outcome.in_(DID))
    made = ImportUndo(import_id=import_.id, kind=kind, by_id=actor.id, total=db.session.scalar(did) or 0)
    db.session.add(made)
    db.session.flush()
    return made


def _lock(actor: Actor, import_: Import) -> None:
    """One at a time."""
    if not may_try(actor, import_):
        raise RuleBroken(N_("Only whoever brought the file in, or an administrator, can undo its import."))
    db.session.refresh(import_, with_for_update=True)
    running = select(ImportUndo.id).where(ImportUndo.import_id == import_.id, ImportUndo.state == State.RUNNING)
    if db.session.scalar(running) is not None:
        raise RuleBroken(N_("This import is being dealt with already: look at how far it is."))


def cancel(actor: Actor, import_: Import, one: ImportUndo) -> None:
    """Stop here; what is done stays done. A worker in the middle ends its batch first."""
    if not may_try(actor, import_):
        raise RuleBroken(N_("Only whoever brought the file in, or an administrator, can undo its import."))
    db.session.refresh(one, with_for_update=True)
    if one.state != State.RUNNING:
        raise RuleBroken(_NOT_NOW)
    one.state, one.finished_at = State.CANCELLED, clock.now()
    record(actor, import_, UndoCancelled(one.id, one.reached))


def resume(actor: Actor, import_: Import, one: ImportUndo) -> None:
    """Go on with the rest."""
    _lock(actor, import_)
    last = latest(import_.id)
    if last is None or last.id != one.id or one.state not in (State.FAILED, State.CANCELLED):
        raise RuleBroken(_NOT_NOW)
    one.state, one.problem, one.finished_at, one.retry_at, one.attempts = State.RUNNING, None, None, None, 0
    record(actor, import_, UndoResumed(one.id))
