"""How customers are scored by their orders, and how far the scoring is."""

from typing import Any

from flask import flash, g, request, url_for
from werkzeug.wrappers import Response

from crm.blueprints.admin.area import ADMINISTER, bp
from crm.blueprints.admin.rfm_form import RfmForm
from crm.domain.rfm import actions
from crm.domain.rfm.models import LEVELLING, WAITING, RfmRun
from crm.kernel.errors import Invalid
from crm.kernel.text import N_
from crm.web.errors import told
from crm.web.htmx import is_htmx, render, see_other
from crm.web.i18n import gettext


class Progress:
    """How far the scoring that is under way is; `label` is empty where none is."""

    def __init__(self, run: RfmRun | None) -> None:
        self.label, self.percent = "", None
        if run is not None:
            words = {WAITING: N_("Waiting for its turn"), LEVELLING: N_("Levels follow from the segments")}
            self.label = gettext(words.get(run.state, N_("Scoring")))
            self.percent = min(100, run.upto * 100 // run.last) if run.last else None


def _page(form: RfmForm, status: int = 200, problem: str = "") -> Response:
    last = actions.last_run()
    progress = Progress(actions.next_run())
    return render("admin/rfm.html", status, form=form, last=last, progress=progress, problem=problem)


@bp.get("/rfm", needs=ADMINISTER)
def rfm() -> Any:
    if is_htmx():  # the progress has ended: the browser goes on to the whole page
        return see_other(url_for("admin.rfm"))
    return _page(RfmForm.of(actions.rules()))


@bp.get("/rfm/progress", needs=ADMINISTER)
def rfm_progress() -> Any:
    return render("admin/_rfm_progress.html", progress=Progress(actions.next_run()))


@bp.post("/rfm", needs=ADMINISTER)
def change_rfm() -> Any:
    form = RfmForm.posted(request.form)
    try:
        actions.change_rules(g.actor, form.rules())
    except Invalid as problem:
        return _page(form, 422, told(problem))
    if "run" in request.form:
        actions.ask(g.actor)
    flash(gettext(N_("The rules are saved.")), "ok")
    return see_other(url_for("admin.rfm"))
