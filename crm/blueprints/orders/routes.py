"""Orders: what every record has, and their lines."""

from typing import Any

from flask import flash, g, request

from crm.blueprints.orders.page import LinesForm, OrderPage, as_stored
from crm.domain.orders.lines import set_lines
from crm.domain.orders.record_type import ORDER
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.text import N_
from crm.web.errors import told
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext
from crm.web.records import record_blueprint

bp = record_blueprint(ORDER, OrderPage)


def _page(record_id: int, *, lock: bool = False) -> OrderPage:
    page = bp.place.page(bp.place.one(record_id, ORDER.may_edit, lock=lock))
    assert isinstance(page, OrderPage)
    if not page.may_edit_lines:
        raise RuleBroken(N_("You may not change the amount, so you may not change the lines."))
    return page


def _form(page: OrderPage, form: LinesForm, status: int = 200) -> Any:
    return render("orders/lines.html", status, page=page, form=form)


@bp.get("/<int:record_id>/lines/edit", needs=ORDER.may_edit)
def edit_lines(record_id: int) -> Any:
    page = _page(record_id)
    return _form(page, LinesForm.of(page.record))


@bp.post("/<int:record_id>/lines", needs=ORDER.may_edit)
def save_lines(record_id: int) -> Any:
    page, form = _page(record_id, lock=True), LinesForm.posted(request.form)
    if not form.read():
        return _form(page, form, 422)
    if form.stored != (stored := as_stored(page.record)):
        form.stored = stored
        form.problem = gettext(
            N_("Someone else changed the lines while you were writing. Nothing is saved yet; saving again keeps yours.")
        )
        return _form(page, form, 409)
    try:
        changed = set_lines(g.actor, page.record, form.values)
    except Invalid as problem:
        form.problem = told(problem)
        return _form(page, form, 422)
    if changed:
        flash(gettext(N_("The lines are saved.")), "ok")
    return see_other(bp.place.url(record_id))
