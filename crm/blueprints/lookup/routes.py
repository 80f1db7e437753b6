"""Suggestions while typing, for every field whose values come from somewhere."""

from typing import Any

from flask import abort, g, request

from crm.domain.registry import sourced_field
from crm.web.blueprint import SIGNED_IN, CrmBlueprint
from crm.web.htmx import render

bp = CrmBlueprint("lookup", __name__, url_prefix="/lookup")
LIMIT = 12


@bp.get("/<field>", needs=SIGNED_IN)
def options(field: str) -> Any:
    known = sourced_field(g.actor, field)
    if known is None or known.source is None:
        abort(404)
    text = request.args.get("q", "").strip()
    return render("lookup/options.html", options=known.source.search(g.actor, text, LIMIT) if text else [])
