"""What an import has led to besides its records: taken back with it, as far as nobody has worked on it.

Mail that was sent and calls of webhooks stay sent.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, select

from crm.domain.automation.models import AutomationDigest, AutomationRun
from crm.domain.confirming.events import ChangeWithdrawn
from crm.domain.confirming.holding import changes_of, end
from crm.domain.confirming.models import PendingChange
from crm.domain.confirming.models import State as Asked
from crm.domain.imports.models import Import
from crm.domain.notifications.models import Notification
from crm.domain.registry import RECORD_TYPES
from crm.domain.undoing.deciding import Deciding
from crm.domain.undoing.models import Caused, ImportUndo, ImportUndoRow, Kind, Step
from crm.infra.db import db
from crm.kernel.access import Actor, unscoped
from crm.kernel.events import Fact, record_many

BATCH = 500
_GOES_ALONG = "what an import caused goes with it, whoever has it"


def _caused(undo: ImportUndo, import_: Import, actor: Actor) -> bool:
    if undo.kind == Kind.REDO:
        return _caused_again(undo, import_, actor)
    source = f"imports:{import_.id}"
    runs = select(AutomationRun.subject_id).where(AutomationRun.source == source, AutomationRun.decision == "done")
    about = runs.where(AutomationRun.subject_id > (undo.line or 0)).distinct().order_by(AutomationRun.subject_id)
    subjects = db.session.scalars(about.limit(BATCH)).all()
    if not subjects:
        return False
    effects = db.session.scalars(
        select(AutomationRun.effects).where(
            AutomationRun.source == source, AutomationRun.decision == "done", AutomationRun.subject_id.in_(subjects)
        )
    )
    made: dict[str, set[int]] = {}
    for each in (each for some in effects for each in some if "made" in each):
        type_, id_ = each["made"]
        made.setdefault(type_, set()).add(id_)
    for type_, ids in sorted(made.items()):
        _recall(undo, import_, actor, type_, sorted(ids))
    undo.line = subjects[-1]
    return True


def _recall(undo: ImportUndo, import_: Import, actor: Actor, type_key: str, ids: Sequence[int]) -> None:
    type_, preview = RECORD_TYPES[type_key], undo.kind == Kind.PREVIEW
    entity = type_.entity
    with unscoped(_GOES_ALONG):
        statement = select(entity).where(entity.id.in_(ids), entity.deleted_at.is_(None)).order_by(entity.id)
        there = {each.id: each for each in db.session.scalars(statement if preview else statement.with_for_update())}
        worked_on = Deciding(import_, actor, preview).worked_on(type_, sorted(there), there)
        going = [each for id_, each in there.items() if id_ not in worked_on]
        if not preview:
            type_.verbs.delete_many(actor, going, import_id=import_.id)
    undo.recalled += len(going)
    undo.worked_on += len(worked_on)
    _note(undo, type_key, {each.id: None for each in going} | dict(worked_on))


def _note(undo: ImportUndo, type_key: str, conflicts: Mapping[int, Any]) -> None:
    db.session.add_all(
        ImportUndoRow(
            undo_id=undo.id,
            record_type=type_key,
            record_id=id_,
            outcome=Caused.WORKED_ON if why else Caused.RECALLED,
            conflicts=[why] if why else None,
        )
        for id_, why in conflicts.items()
    )


def _caused_again(undo: ImportUndo, import_: Import, actor: Actor) -> bool:
    taken = (ImportUndoRow.undo_id == undo.of_id, ImportUndoRow.outcome == Caused.RECALLED.value)
    rows = db.session.scalars(
        select(ImportUndoRow).where(*taken, ImportUndoRow.id > (undo.line or 0)).order_by(ImportUndoRow.id).limit(BATCH)
    ).all()
    for type_key in sorted({each.record_type for each in rows}):
        type_ = RECORD_TYPES[type_key]
        entity, ids = type_.entity, [each.record_id for each in rows if each.record_type == type_key]
        with unscoped(_GOES_ALONG):
            statement = select(entity).where(entity.id.in_(ids), entity.deleted_at.is_not(None)).order_by(entity.id)
            type_.verbs.restore_many(actor, db.session.scalars(statement.with_for_update()).all(), import_id=import_.id)
    if rows:
        undo.line = rows[-1].id
    return bool(rows)


def _asked(undo: ImportUndo, import_: Import, actor: Actor) -> bool:
    """Changes of sensitive fields that the file asked for and nobody has decided about."""
    asked = (PendingChange.import_id == import_.id, PendingChange.state == Asked.ASKED)
    if undo.kind == Kind.PREVIEW:
        undo.withdrawn = db.session.scalar(select(func.count()).where(*asked)) or 0
        return False
    found = db.session.scalars(select(PendingChange).where(*asked).order_by(PendingChange.id).limit(BATCH)).all()
    fields = RECORD_TYPES[import_.record_type].verbs.open_fields(actor) if found else {}
    facts: list[tuple[int, Fact]] = [
        (each.subject_id, ChangeWithdrawn(changes_of(fields[each.field], each)))
        for each in found
        if each.field in fields
    ]
    end(found, actor, Asked.WITHDRAWN)
    record_many(actor, import_.record_type, facts)
    undo.withdrawn += len(found)
    return bool(found)


def _told(undo: ImportUndo, import_: Import, actor: Actor) -> bool:
    """Messages that nobody has read yet."""
    digests = select(AutomationDigest.id).where(AutomationDigest.source == f"imports:{import_.id}")
    unread = (
        Notification.subject_type == AutomationDigest.__tablename__,
        Notification.subject_id.in_(digests),
        Notification.read_at.is_(None),
    )
    if undo.kind == Kind.PREVIEW:
        undo.untold = db.session.scalar(select(func.count()).select_from(Notification).where(*unread)) or 0
    else:
        gone = delete(Notification).where(*unread).execution_options(synchronize_session=False)
        undo.untold = db.session.execute(gone).rowcount  # type: ignore[attr-defined]
    return False


STEPS: Mapping[str, Callable[[ImportUndo, Import, Actor], bool]] = {
    Step.CAUSED: _caused,
    Step.ASKED: _asked,
    Step.TOLD: _told,
}
