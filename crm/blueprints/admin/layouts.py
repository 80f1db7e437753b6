"""Layouts: which there are, for whom, and in which order they count. What stands in one: layout_board.py."""

from typing import Any

from flask import abort, flash, g, request, url_for
from werkzeug.wrappers import Response

from crm.blueprints.admin.area import ADMINISTER, bp
from crm.domain.layouts import actions
from crm.domain.layouts.models import Layout
from crm.domain.layouts.queries import layouts as layouts_of
from crm.domain.people.queries import all_roles
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.records import RecordType
from crm.kernel.text import N_
from crm.web.errors import told
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext
from crm.web.rights import role_name


def one(layout_id: int) -> tuple[Layout, RecordType]:
    row = db.session.get(Layout, layout_id) or abort(404)
    return row, RECORD_TYPES.get(row.record_type) or abort(404)


@bp.get("/layouts", needs=ADMINISTER)
def layouts() -> Any:
    return _list()


def _list(status: int = 200, problem: str = "") -> Response:
    names = {each.id: role_name(each) for each in all_roles()}
    types = [(each, layouts_of(each.key), layouts_of(each.key, retired=True)) for each in RECORD_TYPES.values()]
    return render("admin/layouts.html", status, types=types, names=names, problem=problem)


@bp.post("/layouts/of/<type_key>", needs=ADMINISTER)
def make_layout(type_key: str) -> Any:
    try:
        made = actions.make(g.actor, RECORD_TYPES.get(type_key) or abort(404), request.form.get("name", ""))
    except (Invalid, RuleBroken) as problem:
        return _list(422, told(problem))
    db.session.flush()
    return see_other(url_for("admin.layout", layout_id=made.id))


@bp.post("/layouts/<int:layout_id>", needs=ADMINISTER)
def change_layout(layout_id: int) -> Any:
    row, _ = one(layout_id)
    roles = [int(each) for each in request.form.getlist("role") if each.isdecimal()]
    actions.change(g.actor, row, name=request.form.get("name", ""), roles=roles)
    flash(gettext(N_("The layout “%(name)s” is saved."), name=row.name), "ok")
    return see_other(url_for("admin.layout", layout_id=layout_id))


@bp.post("/layouts/<int:layout_id>/place", needs=ADMINISTER)
def move_layout(layout_id: int) -> Any:
    actions.move(g.actor, one(layout_id)[0], down=request.form.get("way") == "down")
    return see_other(url_for("admin.layouts", _anchor=f"layout-{layout_id}"))


@bp.post("/layouts/<int:layout_id>/retirement", needs=ADMINISTER)
def retire_layout(layout_id: int) -> Any:
    row, _ = one(layout_id)
    actions.retire(g.actor, row)
    flash(
        gettext(N_("The layout “%(name)s” is removed. Its roles have the next one that is theirs."), name=row.name),
        "ok",
    )
    return see_other(url_for("admin.layouts"))


@bp.post("/layouts/<int:layout_id>/return", needs=ADMINISTER)
def return_layout(layout_id: int) -> Any:
    row, _ = one(layout_id)
    actions.bring_back(g.actor, row)
    flash(gettext(N_("The layout “%(name)s” is back."), name=row.name), "ok")
    return see_other(url_for("admin.layouts"))
