"""How long deleted records stay in the recycle bin, and files of imports on the server."""

from typing import Any

from flask import flash, g, request, url_for

from crm.blueprints.admin.area import ADMINISTER, bp
from crm.domain.retention import actions
from crm.infra.db import db
from crm.kernel.errors import Invalid
from crm.kernel.text import N_
from crm.web.errors import told
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext


@bp.get("/retention", needs=ADMINISTER)
def retention() -> Any:
    return _form(str(actions.bin_days(g.settings.bin_days)), str(actions.import_file_days()))


def _form(days: str, file_days: str, status: int = 200, problem: Invalid | None = None) -> Any:
    wrong = (str(problem.params.get("key", "")), told(problem)) if problem else None
    bounds = {"least": actions.LEAST, "most": actions.MOST, "most_file": actions.MOST_FILE_DAYS}
    return render("admin/retention.html", status, days=days, file_days=file_days, problem=wrong, **bounds)


def _days(typed: str) -> int:
    return int(typed) if typed.isdecimal() and len(typed) < 10 else 0


@bp.post("/retention", needs=ADMINISTER)
def change_retention() -> Any:
    typed = request.form.get("bin_days", "").strip()
    files = request.form.get("import_file_days", str(actions.import_file_days())).strip()
    try:
        with db.session.begin_nested():
            actions.change_bin_days(g.actor, _days(typed), g.settings.bin_days)
            actions.change_import_file_days(g.actor, _days(files))
    except Invalid as problem:
        return _form(typed, files, 422, problem)
    flash(gettext(N_("Deleted records are removed for good after %(days)s days."), days=_days(typed)), "ok")
    return see_other(url_for("admin.index"))
