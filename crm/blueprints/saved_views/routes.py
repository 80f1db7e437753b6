"""Saved views: keeping what a list shows under a name, changing and deleting it."""

from typing import Any
from urllib.parse import parse_qsl

from flask import abort, flash, g, request, url_for

from crm.blueprints.saved_views.page import ViewPage, on_screen
from crm.domain.registry import RECORD_TYPES
from crm.domain.saved_views import actions
from crm.domain.saved_views.models import SavedView
from crm.domain.saved_views.queries import known_to, open_to
from crm.infra.db import db
from crm.kernel.asking import Query
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.records import RecordType
from crm.kernel.text import N_
from crm.web.blueprint import SIGNED_IN, CrmBlueprint
from crm.web.errors import told
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext
from crm.web.lists import ListView

bp = CrmBlueprint("saved_views", __name__, url_prefix="/views")
MAY = SIGNED_IN  # whoever may see the list: see _type; a view is changed by its owner


def _type(type_key: str) -> RecordType:
    type_ = RECORD_TYPES.get(type_key) or abort(404)
    if not g.actor.may(type_.may_read):
        abort(403)
    return type_


def _one(view_id: int) -> SavedView:
    """A view the actor knows and may change; one they only see cannot be changed here."""
    view: SavedView = db.one_or_404(open_to(g.actor).where(SavedView.id == view_id))
    if not actions.may_change(g.actor, view):
        raise RuleBroken(N_("This view is somebody else's."))
    return view


@bp.get("/<type_key>/new", needs=MAY)
def new(type_key: str) -> Any:
    return _new(_type(type_key), request.args.get("list", ""))


def _new(type_: RecordType, asked: str, status: int = 200, problem: str = "") -> Any:
    query = Query.from_args(parse_qsl(asked)).but()
    words = ListView(type_.list, url_for(f"{type_.key}.index"), query)
    own = [(each.id, each.name) for each in known_to(g.actor, type_.key).views if actions.may_change(g.actor, each)]
    return render("saved_views/new.html", status, type=type_, list=asked, words=words, problem=problem, own=own)


@bp.post("/<type_key>", needs=MAY)
def create(type_key: str) -> Any:
    type_, asked = _type(type_key), request.form.get("list", "")
    try:
        query = Query.from_args(parse_qsl(asked))
        name = request.form.get("name", "")
        view = actions.save(g.actor, type_, name=name, query=query, widths=on_screen(type_, query))
    except Invalid as problem:
        return _new(type_, asked, 422, told(problem))
    if request.form.get("first"):
        actions.begin_with(g.actor, type_key, view)
    flash(gettext(N_("The view is saved and stands above the list.")), "ok")
    return see_other(ViewPage(view).list_url)


@bp.post("/<type_key>/replacement", needs=MAY)
def replace(type_key: str) -> Any:
    """Another question under the name of a view there is."""
    type_, asked, chosen = _type(type_key), request.form.get("list", ""), request.form.get("view", "")
    view = _one(int(chosen) if chosen.isdecimal() and len(chosen) < 19 else 0)
    if view.record_type != type_key:
        abort(404)
    try:
        query = Query.from_args(parse_qsl(asked))
        actions.ask_anew(g.actor, type_, view, query=query, widths=on_screen(type_, query, view.widths))
    except Invalid as problem:
        return _new(type_, asked, 422, told(problem))
    flash(gettext(N_("The view “%(title)s” shows this from now on."), title=view.name), "ok")
    return see_other(ViewPage(view).list_url)


@bp.get("/<int:view_id>", needs=MAY)
def edit(view_id: int) -> Any:
    return render("saved_views/edit.html", page=ViewPage(_one(view_id)), problem="")


@bp.post("/<int:view_id>", needs=MAY)
def update(view_id: int) -> Any:
    view, form = _one(view_id), request.form
    page = ViewPage(view)
    position = form.get("position", "")
    try:
        actions.change(
            g.actor,
            view,
            name=form.get("name", ""),
            position=int(position) if position.isdecimal() and len(position) < 5 else 0,
            audience=page.read_audience(form.get("audience", "")),
            widths=page.drawn if form.get("widths") and page.drawn else None,
        )
    except Invalid as problem:
        return render("saved_views/edit.html", 422, page=page, problem=told(problem))
    _begin(page)
    flash(gettext(N_("The view is saved and stands above the list.")), "ok")
    return see_other(page.list_url)


def _begin(page: ViewPage) -> None:
    """Where the form ticks or unticks that a list begins with it."""
    wanted = bool(request.form.get("first"))
    if wanted != page.begins:
        actions.begin_with(g.actor, page.type.key, page.view if wanted else None)
    for role, _, begins in page.roles:
        wanted = str(role.id) in request.form.getlist("first_of")
        if wanted != begins:
            actions.begin_with(g.actor, page.type.key, page.view if wanted else None, role=role)


@bp.post("/<int:view_id>/deletion", needs=MAY)
def delete(view_id: int) -> Any:
    view = _one(view_id)
    url = url_for(f"{view.record_type}.index", view="all")
    actions.delete(g.actor, view)
    flash(gettext(N_("The view “%(title)s” is deleted. The records are as they were."), title=view.name), "ok")
    return see_other(url)
