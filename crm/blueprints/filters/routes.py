"""Building the filter of a list row by row. Nothing is kept: the address holds it all, and leads to the list."""

from typing import Any
from urllib.parse import urlencode

from flask import abort, g, redirect, request, url_for
from werkzeug.datastructures import MultiDict

from crm.domain.registry import RECORD_TYPES
from crm.web.blueprint import SIGNED_IN, CrmBlueprint
from crm.web.filter_rows import ALTERNATIVES, Builder
from crm.web.htmx import render
from crm.web.lists import ListView

bp = CrmBlueprint("filters", __name__, url_prefix="/filters")


@bp.get("/<type_key>", needs=SIGNED_IN)
def build(type_key: str) -> Any:
    return _build(type_key, request.args)


@bp.post("/<type_key>", needs=SIGNED_IN)
def build_posted(type_key: str) -> Any:
    """The same, where an address must not hold what is typed."""
    return _build(type_key, request.form)


def _build(type_key: str, given: "MultiDict[str, str]") -> Any:
    type_ = RECORD_TYPES.get(type_key) or abort(404)
    if not g.actor.may(type_.may_read):
        abort(403)
    builder = Builder(type_.list.open_to(g.actor), given)
    list_url = url_for(f"{type_key}.index")
    view = ListView(type_.list, list_url, builder.query)
    if builder.is_done and not view.problem:
        return redirect(f"{list_url}?{urlencode(view.query.to_args()) or 'view=all'}", 303)
    return render("filters/build.html", type=type_, builder=builder, view=view, alternatives=ALTERNATIVES)
