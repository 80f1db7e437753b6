"""Choosing the columns of a list and their widths; kept for the person."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import abort, flash, g, request, url_for

from crm.domain.registry import RECORD_TYPES
from crm.kernel.listing import Query
from crm.kernel.records import RecordType
from crm.kernel.text import N_
from crm.web import columns
from crm.web.blueprint import SIGNED_IN, CrmBlueprint
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext

bp = CrmBlueprint("columns", __name__, url_prefix="/columns")
MAY = SIGNED_IN  # whoever may see the list: see _type


def _type(type_key: str) -> RecordType:
    type_ = RECORD_TYPES.get(type_key) or abort(404)
    if not g.actor.may(type_.may_read):
        abort(403)
    return type_.open_to(g.actor)


@bp.get("/<type_key>", needs=MAY)
def choose(type_key: str) -> Any:
    type_, kept = _type(type_key), columns.kept(type_key)
    query = Query.from_args(parse_qsl(request.args.get("list", "")))
    shown = [each.key for each in kept.of(type_.list).shown(query)]
    fields = sorted(type_.list.fields, key=lambda each: shown.index(each.key) if each.key in shown else len(shown))
    rows = [
        (each.key, gettext(each.label), each.key in shown, _widths(kept.widths.get(each.key)))
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
    if form.get("do") == "reset":
        columns.forget(type_key)
        flash(gettext(N_("The list has its delivered columns again.")), "ok")
    else:
        keys = [each for each in form.getlist("cols") if each in type_.list.by_key]
        given = {key: columns.step(form.get(f"width-{key}", "")) for key in type_.list.by_key}
        columns.keep(type_key, keys, {key: step for key, step in given.items() if step})
        flash(gettext(N_("The columns are kept for you.")), "ok")
    query = Query.from_args(parse_qsl(form.get("list", ""))).but(columns=())
    return see_other(f"{url_for(f'{type_key}.index')}?{urlencode(query.to_args()) or 'view=all'}")


@bp.post("/<type_key>/widths", needs=MAY)
def keep_widths(type_key: str) -> Any:
    """What was dragged: `phone:5,level:3`."""
    type_, kept = _type(type_key), columns.kept(type_key)
    pairs = [each.partition(":")[::2] for each in request.form.get("widths", "")[:4000].split(",")]
    given = {key: step for key, text in pairs if key in type_.list.by_key and (step := columns.step(text))}
    columns.keep(type_key, kept.columns, {**kept.widths, **given})
    return "", 204
