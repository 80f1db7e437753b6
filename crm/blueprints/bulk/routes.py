"""Changes of many records: choosing what to do, what became of it, stopping, going on, taking back."""

from typing import Any

from flask import abort, g, request, url_for

from crm.blueprints.bulk.chosen import Chosen, chosen
from crm.blueprints.bulk.page import KINDS, BulkPage, RecordsPage, one
from crm.blueprints.bulk.progress import Progress
from crm.domain.bulk import actions
from crm.domain.bulk.models import State
from crm.domain.bulk.queries import newest
from crm.kernel.errors import Invalid
from crm.web.blueprint import SIGNED_IN, CrmBlueprint
from crm.web.errors import told
from crm.web.forms import FieldForm
from crm.web.htmx import is_htmx, render, see_other
from crm.web.streams import Message, stream

bp = CrmBlueprint("bulk", __name__, url_prefix="/bulk", module="bulk")
MAY = SIGNED_IN  # the permission depends on the type of record: see Chosen; a change is seen by whoever asked for it


@bp.get("/", needs=MAY)
def index() -> Any:
    return render("bulk/index.html", pages=[BulkPage(each) for each in newest(g.actor)])


@bp.get("/<type_key>/new", needs=MAY)
def new(type_key: str) -> Any:
    choice = chosen(type_key)
    return _form(choice, FieldForm([choice.field] if choice.field else []))


@bp.post("/<type_key>", needs=MAY)
def create(type_key: str) -> Any:
    choice = chosen(type_key)
    form = FieldForm.posted([choice.field] if choice.field else [], request.form)
    if choice.deed is None or not choice.is_complete or not form.read():
        return _form(choice, form, 422)
    try:
        automates = request.form.get("automates") == "1" and "automation" in g.actor.modules
        bulk = actions.start(
            g.actor, choice.type, choice.deed, asked=choice.asked, values=form.values, automates=automates
        )
    except Invalid as problem:
        return _form(choice, form, 422, told(problem))
    return see_other(url_for("bulk.show", bulk_id=bulk.id))


def _form(choice: Chosen, form: FieldForm, status: int = 200, problem: str = "") -> Any:
    for each in form:
        each.says_why = False  # the form asks it for whatever is done
    automation = "automation" in g.actor.modules
    return render("bulk/new.html", status, choice=choice, form=form, problem=problem, automation=automation)


@bp.get("/<int:bulk_id>", needs=MAY)
def show(bulk_id: int) -> Any:
    bulk = one(bulk_id)
    if is_htmx():  # the progress has ended: the browser goes on to the whole page
        return see_other(url_for("bulk.show", bulk_id=bulk_id))
    if bulk.state == State.RUNNING:
        return render("bulk/working.html", page=BulkPage(bulk), progress=Progress(bulk))
    return render("bulk/show.html", page=BulkPage(bulk))


@bp.get("/<int:bulk_id>/records/<outcome>", needs=MAY)
def records(bulk_id: int, outcome: str) -> Any:
    bulk = one(bulk_id)
    if outcome not in KINDS:
        abort(404)
    return render("bulk/records.html", page=RecordsPage(bulk, outcome))


@bp.post("/<int:bulk_id>/cancellation", needs=MAY)
def cancel(bulk_id: int) -> Any:
    actions.cancel(g.actor, one(bulk_id))
    return see_other(url_for("bulk.show", bulk_id=bulk_id))


@bp.post("/<int:bulk_id>/resumption", needs=MAY)
def resume(bulk_id: int) -> Any:
    actions.resume(g.actor, one(bulk_id))
    return see_other(url_for("bulk.show", bulk_id=bulk_id))


@bp.post("/<int:bulk_id>/undoing", needs=MAY)
def undo(bulk_id: int) -> Any:
    back = actions.undo(g.actor, one(bulk_id))
    return see_other(url_for("bulk.show", bulk_id=back.id))


@bp.get("/<int:bulk_id>/progress", needs=MAY)
def progress(bulk_id: int) -> Any:
    return Progress(one(bulk_id), polling=True).fragment


@bp.get("/<int:bulk_id>/stream", needs=MAY)
def stream_progress(bulk_id: int) -> Any:
    one(bulk_id)

    def ask() -> Message:
        now = Progress(one(bulk_id))
        return Message(now.fragment, last=now.ended)

    return stream(f"bulk:{bulk_id}", ask, instead=lambda: progress(bulk_id))
