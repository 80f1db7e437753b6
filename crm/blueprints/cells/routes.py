"""One cell of a list edited in place, for every type of record; without the script a page that leads back there."""

from typing import Any

from flask import flash, g, request

from crm.blueprints.cells.page import CellPage
from crm.infra.db import db
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.text import N_
from crm.web.blueprint import SIGNED_IN, CrmBlueprint
from crm.web.clashes import changed, clashes
from crm.web.confirming import kept_words, tell_kept
from crm.web.htmx import is_htmx, render, see_other
from crm.web.i18n import gettext

bp = CrmBlueprint("cells", __name__, url_prefix="/cells")
MAY = SIGNED_IN  # the permission depends on the type of record: see CellPage
_PLACE = "/<type_key>/<int:record_id>/<field>"


@bp.get(_PLACE, needs=MAY)
def show(type_key: str, record_id: int, field: str) -> Any:
    """The cell as it reads (cancel comes back here)."""
    page = CellPage(type_key, record_id, field)
    return render("cells/_read.html", page=page, stays=True) if is_htmx() else see_other(page.list_url)


@bp.get(f"{_PLACE}/edit", needs=MAY)
def edit(type_key: str, record_id: int, field: str) -> Any:
    page = CellPage(type_key, record_id, field)
    page.check()
    return page.editing(page.form())


@bp.post(_PLACE, needs=MAY)
def save(type_key: str, record_id: int, field: str) -> Any:
    page = CellPage(type_key, record_id, field, lock=True)
    page.check()
    form = page.posted()
    if not form.read():
        return page.editing(form, 422)
    if theirs := clashes(form, request.form, page.record):
        return page.editing(form, 409, theirs)
    try:
        differs = page.type.verbs.change(g.actor, page.record, changed(form, request.form))
    except (Invalid, RuleBroken) as problem:
        form.refuse(problem)
        return page.editing(form, 422)
    db.session.flush()
    if is_htmx():
        kept = kept_words(page.type, differs.waiting)
        return render("cells/_read.html", page=page, stays=page.stays, kept=kept)
    flash(gettext(N_("“%(name)s” is saved."), name=page.record.name), "ok")
    tell_kept(page.type, differs.waiting)
    return see_other(page.list_url)
