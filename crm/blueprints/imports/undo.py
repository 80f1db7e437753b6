"""Taking an import back: first what it would do, then doing it, and making it again."""

from typing import Any

from flask import abort, g, url_for

from crm.blueprints.imports.page import one
from crm.blueprints.imports.routes import MAY, bp
from crm.blueprints.imports.undo_page import UndoPage, UndoProgress, UndoRowsPage
from crm.domain.imports.models import Import
from crm.domain.undoing import actions
from crm.domain.undoing.models import Caused, ImportUndo, Outcome, State
from crm.domain.undoing.queries import undo_of
from crm.web.htmx import is_htmx, render, see_other
from crm.web.streams import Message, stream


def _shown(import_: Import) -> ImportUndo | None:
    """What stands last: being undone or made again, else the look that was had since."""
    last, look = actions.latest(import_.id), actions.latest(import_.id, preview=True)
    if look is not None and (last is None or look.id > last.id):
        return look
    return last


@bp.get("/<int:import_id>/undo", needs=MAY)
def undo(import_id: int) -> Any:
    import_ = one(import_id)
    if is_htmx():  # the progress has ended: the browser goes on to the whole page
        return see_other(url_for("imports.undo", import_id=import_id))
    shown = _shown(import_)
    if shown is not None and shown.state == State.RUNNING:
        return render("imports/undo_working.html", page=UndoPage(import_, shown), progress=UndoProgress(shown))
    return render("imports/undo.html", page=UndoPage(import_, shown))


@bp.post("/<int:import_id>/undo/preview", needs=MAY)
def undo_preview(import_id: int) -> Any:
    actions.preview(g.actor, one(import_id))
    return see_other(url_for("imports.undo", import_id=import_id))


@bp.post("/<int:import_id>/undo", needs=MAY)
def undo_it(import_id: int) -> Any:
    actions.undo(g.actor, one(import_id))
    return see_other(url_for("imports.undo", import_id=import_id))


@bp.post("/<int:import_id>/redo", needs=MAY)
def redo_it(import_id: int) -> Any:
    actions.redo(g.actor, one(import_id))
    return see_other(url_for("imports.undo", import_id=import_id))


def _both(import_id: int, undo_id: int) -> tuple[Import, ImportUndo]:
    return one(import_id), undo_of(import_id, undo_id) or abort(404)


@bp.post("/<int:import_id>/undo/<int:undo_id>/cancellation", needs=MAY)
def undo_cancel(import_id: int, undo_id: int) -> Any:
    actions.cancel(g.actor, *_both(import_id, undo_id))
    return see_other(url_for("imports.undo", import_id=import_id))


@bp.post("/<int:import_id>/undo/<int:undo_id>/resumption", needs=MAY)
def undo_resume(import_id: int, undo_id: int) -> Any:
    actions.resume(g.actor, *_both(import_id, undo_id))
    return see_other(url_for("imports.undo", import_id=import_id))


@bp.get("/<int:import_id>/undo/<int:undo_id>/rows/<outcome>", needs=MAY)
def undo_rows(import_id: int, undo_id: int, outcome: str) -> Any:
    import_, shown = _both(import_id, undo_id)
    if outcome not in (*Outcome, *Caused):
        abort(404)
    return render("imports/undo_rows.html", page=UndoRowsPage(import_, shown, outcome))


@bp.get("/<int:import_id>/undo/<int:undo_id>/progress", needs=MAY)
def undo_progress(import_id: int, undo_id: int) -> Any:
    return UndoProgress(_both(import_id, undo_id)[1], polling=True).fragment


@bp.get("/<int:import_id>/undo/<int:undo_id>/stream", needs=MAY)
def undo_stream(import_id: int, undo_id: int) -> Any:
    _both(import_id, undo_id)

    def ask() -> Message:
        now = UndoProgress(_both(import_id, undo_id)[1])
        return Message(now.fragment, last=now.ended)

    return stream(f"undo:{undo_id}", ask, instead=lambda: undo_progress(import_id, undo_id))
