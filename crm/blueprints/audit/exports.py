"""The log taken away as a file: asked for, waited for, fetched."""

from typing import Any

from flask import abort, g, request, send_file, url_for

from crm.blueprints.audit.progress import Progress
from crm.blueprints.audit.routes import MAY, asked_in, bp
from crm.domain.audit import exports
from crm.domain.audit.models import LogExport
from crm.infra.storage import storage_for
from crm.kernel.company import company
from crm.kernel.text import N_
from crm.web.errors import sentence
from crm.web.htmx import is_htmx, render, see_other
from crm.web.i18n import gettext
from crm.web.streams import Message, stream


@bp.post("/export.<suffix>", needs=MAY)
def export(suffix: str) -> Any:
    if suffix not in exports.MOST:
        abort(404)
    found = exports.ask(g.actor, g.person, asked_in(request.form), suffix)
    return see_other(url_for("audit.show_export", export_id=found.id))


@bp.get("/exports/<int:export_id>", needs=MAY)
def show_export(export_id: int) -> Any:
    if is_htmx():  # the progress has ended: the browser goes on to the whole page
        return see_other(url_for("audit.show_export", export_id=export_id))
    found = _one(export_id)
    problem = sentence(**found.problem) if found.problem else ""
    return render("audit/export.html", record=found, progress=_progress(found), problem=problem)


@bp.get("/exports/<int:export_id>/file", needs=MAY)
def export_file(export_id: int) -> Any:
    found = _one(export_id)
    if found.storage_key is None:
        abort(404)
    words = gettext(N_("audit-log"))
    name = f"{words}-{company.today().isoformat()}.{found.suffix}"
    return send_file(storage_for(g.settings).open(found.storage_key), download_name=name, as_attachment=True)


@bp.get("/exports/<int:export_id>/progress", needs=MAY)
def export_progress(export_id: int) -> Any:
    return _progress(_one(export_id), polling=True).fragment


@bp.get("/exports/<int:export_id>/stream", needs=MAY)
def stream_export(export_id: int) -> Any:
    _one(export_id)

    def ask() -> Message:
        now = _progress(_one(export_id))
        return Message(now.fragment, last=now.ended)

    return stream(f"log-export:{export_id}", ask, instead=lambda: export_progress(export_id))


def _one(export_id: int) -> LogExport:
    found = exports.of(g.actor, export_id)
    if found is None:
        abort(404)
    return found


def _progress(record: LogExport, *, polling: bool = False) -> Progress:
    label = gettext(N_("Writing the file")) if record.written else gettext(N_("Waiting for its turn"))
    url = url_for("audit.show_export", export_id=record.id)
    ended = record.finished_at is not None
    return Progress(url, label, ended, record.written, record.total if record.attempts else None, polling)
