"""Choosing the columns of a list and their widths; kept for the person."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import abort, flash, g, request, url_for

from crm.domain.registry import RECORD_TYPES
from crm.domain.saved_views.models import SavedView
from crm.kernel.asking import Query
from crm.kernel.records import RecordType
from crm.kernel.text import N_
from crm.web import columns
from crm.web.blueprint import SIGNED_IN, CrmBlueprint
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext
from crm.web.tabs import Tabs

bp = CrmBlueprint("columns", __name__, url_prefix="/columns")
MAY = SIGNED_IN  # whoever may see the list: see _type


def _type(type_key: str) -> RecordType:
    type_ = RECORD_TYPES.get(type_key) or abort(404)
    if not g.actor.may(type_.may_read):
        abort(403)
    return type_.open_to(g.actor)


def _views(type_: RecordType) -> Tabs:
    return Tabs(type_.list, url_for(f"{type_.key}.index"))


@bp.get("/<type_key>", needs=MAY)
def choose(type_key: str) -> Any:
    type_, kept = _type(type_key), columns.kept(type_key)
    query = Query.from_args(parse_qsl(request.args.get("list", "")))
    widths = kept.widths_in(_views(type_).shown(type_.list.sealed(g.actor, query)))
    shown = [each.key for each in kept.of(type_.list).shown(query)]
    fields = sorted(type_.list.fields, key=lambda each: shown.index(each.key) if each.key in shown else len(shown))
    rows = [
        (each.key, gettext(each.label), each.key in shown, _widths(widths.get(each.key)))
        for each in fields
        if each.key not in (type_.main.key, "number")
    ]
    return render("columns/choose.html", type=type_, rows=rows, list=urlencode(query.but(columns=()).to_args()))


def _widths(kept: int | None) -> list[tuple[str, str, bool]]:
    """(step, words, whether it is this): what was dragged is one more."""
    known = {None: N_("normal"), columns.NARROW: N_("narrow"), columns.WIDE: N_("wide")}
    known |= {} if kept in known else {kept: N_("as it was drawn")}
    return [(str(step or ""), gettext(words), step == kept) for step, words in known.items()]


@bp.post("/<type_key>", needs=MAY)
def keep(type_key: str) -> Any:
    type_, form = _type(type_key), request.form
    query = Query.from_args(parse_qsl(form.get("list", ""))).but(columns=())
    if form.get("do") == "reset":
        columns.forget(type_key)
        flash(gettext(N_("The list has its delivered columns again.")), "ok")
    else:
        keys = [each for each in form.getlist("cols") if each in type_.list.by_key]
        given = {key: columns.step(form.get(f"width-{key}", "")) for key in type_.list.by_key}
        view = _views(type_).shown(type_.list.sealed(g.actor, query))
        drawn = columns.kept(type_key).drawing(view, {key: step for key, step in given.items() if step})
        columns.keep(type_key, replace(drawn, columns=tuple(keys)))
        flash(gettext(N_("The columns are kept for you.")), "ok")
    return see_other(f"{url_for(f'{type_key}.index')}?{urlencode(query.to_args()) or 'view=all'}")


@bp.post("/<type_key>/widths", needs=MAY)
def keep_widths(type_key: str) -> Any:
    """What was dragged: `phone:5,level:3`; of the view that is shown, if one is."""
    type_, kept = _type(type_key), columns.kept(type_key)
    known: Sequence[SavedView] = _views(type_).known.views
    view = next((each for each in known if str(each.id) == request.args.get("view")), None)
    pairs = [each.partition(":")[::2] for each in request.form.get("widths", "")[:4000].split(",")]
    given = {key: step for key, text in pairs if key in type_.list.by_key and (step := columns.step(text))}
    before = kept.drawn_in(view) if view else kept.widths
    columns.keep(type_key, kept.drawing(view, {**before, **given}))
    return "", 204
