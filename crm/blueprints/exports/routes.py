"""Exports: choosing fields and file, waiting for what is long, saving it, and what one has taken away."""

from typing import Any

from flask import abort, g, request, send_file, url_for

from crm.blueprints.exports.choosing import Choosing
from crm.blueprints.exports.page import ExportPage, RegularPage, one
from crm.domain.exports import actions, regular, rights
from crm.domain.exports.queries import newest
from crm.infra.storage import storage_for
from crm.kernel.errors import Invalid, RuleBroken
from crm.web import export_file
from crm.web.blueprint import SIGNED_IN, CrmBlueprint
from crm.web.errors import told
from crm.web.htmx import is_htmx, render, see_other
from crm.web.streams import Message, stream

bp = CrmBlueprint("exports", __name__, url_prefix="/exports", module="exports")
MAY = SIGNED_IN  # the permission depends on the type of record: see Choosing; an export is seen by whoever asked for it


@bp.get("/", needs=MAY)
def index() -> Any:
    regulars = [RegularPage(each) for each in regular.own(g.actor)]
    return render("exports/index.html", pages=[ExportPage(each) for each in newest(g.actor)], regulars=regulars)


def _regular(regular_export_id: int) -> regular.RegularExport:
    return next((each for each in regular.own(g.actor) if each.id == regular_export_id), None) or abort(404)


@bp.post("/regular/<int:regular_export_id>/run", needs=MAY)
def run_regular(regular_export_id: int) -> Any:
    export = regular.run_now(g.actor, _regular(regular_export_id))
    return see_other(url_for("exports.show", export_id=export.id))


@bp.post("/regular/<int:regular_export_id>/pause", needs=MAY)
def pause_regular(regular_export_id: int) -> Any:
    regular.pause(g.actor, _regular(regular_export_id), paused=request.form.get("paused") == "1")
    return see_other(url_for("exports.index"))


@bp.post("/regular/<int:regular_export_id>/removal", needs=MAY)
def remove_regular(regular_export_id: int) -> Any:
    regular.remove(g.actor, _regular(regular_export_id))
    return see_other(url_for("exports.index"))


@bp.get("/<type_key>/new", needs=MAY)
def new(type_key: str) -> Any:
    return _form(Choosing(type_key, request.args))


@bp.post("/<type_key>", needs=MAY)
def create(type_key: str) -> Any:
    choice = Choosing(type_key, request.form)
    if choice.moved:
        return _form(choice)
    try:
        if choice.every:
            regular.make(g.actor, choice.wish(), **choice.repeated())
            return see_other(url_for("exports.index"))
        export = actions.ask(g.actor, choice.wish())
        if not actions.at_once(export):
            return see_other(url_for("exports.show", export_id=export.id))
        work = actions.work_on(export, g.actor)
        actions.finish(work, *export_file.stored(work))
    except (Invalid, RuleBroken) as problem:
        return _form(choice, 422, told(problem))
    return see_other(url_for("exports.show", export_id=export.id, now=1))


def _form(choice: Choosing, status: int = 200, problem: str = "") -> Any:
    return render("exports/new.html", status, choice=choice, problem=problem)


@bp.get("/<int:export_id>", needs=MAY)
def show(export_id: int) -> Any:
    if is_htmx():  # the progress has ended: the browser goes on to the whole page
        return see_other(url_for("exports.show", export_id=export_id))
    page = ExportPage(one(export_id))
    return render("exports/show.html", page=page, now="now" in request.args and page.record.storage_key)


@bp.get("/<int:export_id>/file", needs=MAY)
def file(export_id: int) -> Any:
    """Only for whoever asked for it, and only while they may see as much as it holds."""
    found = one(export_id)
    if g.actor.read_only:  # somebody looks through their eyes, which must not take anything away
        abort(403)
    if found.storage_key is None or found.rights is None:
        abort(404)
    rights.refuse_less(g.actor, found.record_type, found.rights)
    return send_file(storage_for(g.settings).open(found.storage_key), download_name=found.filename, as_attachment=True)


@bp.get("/<int:export_id>/progress", needs=MAY)
def progress(export_id: int) -> Any:
    return ExportPage(one(export_id), polling=True).fragment


@bp.get("/<int:export_id>/stream", needs=MAY)
def stream_progress(export_id: int) -> Any:
    topic = one(export_id).topic

    def ask() -> Message:
        now = ExportPage(one(export_id))
        return Message(now.fragment, last=now.ended)

    return stream(topic, ask, instead=lambda: progress(export_id))
