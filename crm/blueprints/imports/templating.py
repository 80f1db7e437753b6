"""The list of templates: renamed, shared, removed."""

from typing import Any

from flask import abort, g, request, url_for

from crm.blueprints.imports.page import called
from crm.blueprints.imports.routes import MAY, bp
from crm.domain.imports.targets import TARGETS
from crm.domain.imports.template import ImportTemplate
from crm.domain.imports.templates import change, may_change, remove, templates_for
from crm.domain.people.queries import names
from crm.infra.db import db
from crm.kernel.errors import Conflict, Invalid
from crm.web.errors import told
from crm.web.htmx import render, see_other

_SHOWN = 200


def _one(template_id: int) -> ImportTemplate:
    found: ImportTemplate = db.one_or_404(templates_for(g.actor).where(ImportTemplate.id == template_id))
    if found.record_type not in TARGETS:
        abort(404)
    return found


@bp.get("/templates", needs=MAY)
def templates() -> Any:
    return _list()


def _list(problem: str = "", status: int = 200) -> Any:
    newest = ImportTemplate.used_at.desc().nulls_last(), ImportTemplate.id.desc()
    found = [
        each
        for each in db.session.scalars(templates_for(g.actor).order_by(*newest).limit(_SHOWN))
        if each.record_type in TARGETS and g.actor.may(TARGETS[each.record_type].may_import)
    ]
    owners = names({each.owner_id for each in found})
    rows = [
        (each, called(TARGETS[each.record_type])[1], owners.get(each.owner_id, ""), may_change(g.actor, each))
        for each in found
    ]
    return render("imports/templates.html", status, rows=rows, problem=problem)


@bp.post("/templates/<int:import_template_id>", needs=MAY)
def change_template(import_template_id: int) -> Any:
    form, one = request.form, _one(import_template_id)
    seen = form.get("version", "")
    over = int(seen) if seen.isdecimal() and len(seen) < 19 else 0
    try:
        change(g.actor, one, name=form.get("name", ""), shared=form.get("shared") == "1", seen=over)
    except Conflict as problem:
        return _list(told(problem), 409)
    except Invalid as problem:
        return _list(told(problem), 422)
    return see_other(url_for("imports.templates"))


@bp.post("/templates/<int:import_template_id>/removal", needs=MAY)
def remove_template(import_template_id: int) -> Any:
    remove(g.actor, _one(import_template_id))
    return see_other(url_for("imports.templates"))
