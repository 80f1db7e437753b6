"""Columns that count as several, on the mapping page."""

from typing import Any

from flask import g, request, url_for

from crm.blueprints.imports.mapping import MappingPage
from crm.blueprints.imports.page import one
from crm.blueprints.imports.routes import MAY, bp
from crm.domain.imports import saying
from crm.kernel.errors import Invalid
from crm.web.errors import told
from crm.web.htmx import render, see_other


@bp.post("/<int:import_id>/divisions", needs=MAY)
def divide(import_id: int) -> Any:
    import_, form = one(import_id), request.form
    column, parts = form.get("column", ""), form.get("parts", "")
    try:
        saying.divide(
            g.actor,
            import_,
            column=int(column) if column.isdecimal() and len(column) < 6 else -1,
            separator=form.get("separator", "").strip() or " ",
            parts=int(parts) if parts.isdecimal() and len(parts) < 6 else 0,
        )
    except Invalid as problem:
        page = MappingPage(import_)
        page.split_refused = told(problem)
        return render("imports/mapping.html", 422, page=page)
    return see_other(url_for("imports.mapping", import_id=import_id))


@bp.post("/<int:import_id>/divisions/<int:at>/removal", needs=MAY)
def undivide(import_id: int, at: int) -> Any:
    saying.undivide(g.actor, one(import_id), at)
    return see_other(url_for("imports.mapping", import_id=import_id))
