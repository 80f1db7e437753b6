"""How long deleted records stay in the recycle bin."""

from typing import Any

from flask import flash, g, request, url_for

from crm.blueprints.admin.area import ADMINISTER, bp
from crm.domain.retention import actions
from crm.kernel.errors import Invalid
from crm.kernel.text import N_
from crm.web.errors import told
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext


@bp.get("/retention", needs=ADMINISTER)
def retention() -> Any:
    return _form(str(actions.bin_days(g.settings.bin_days)))


def _form(days: str, status: int = 200, problem: str = "") -> Any:
    return render("admin/retention.html", status, days=days, least=actions.LEAST, most=actions.MOST, problem=problem)


@bp.post("/retention", needs=ADMINISTER)
def change_retention() -> Any:
    typed = request.form.get("bin_days", "").strip()
    try:
        days = int(typed) if typed.isdecimal() and len(typed) < 10 else 0
        actions.change_bin_days(g.actor, days, g.settings.bin_days)
    except Invalid as problem:
        return _form(typed, 422, told(problem))
    flash(gettext(N_("Deleted records are removed for good after %(days)s days."), days=days), "ok")
    return see_other(url_for("admin.index"))
