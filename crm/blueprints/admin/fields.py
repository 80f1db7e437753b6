"""Fields of one's own, and the standard ones as the company wants them."""

from typing import Any

from flask import abort, flash, g, request, url_for
from werkzeug.wrappers import Response

from crm.blueprints.admin.area import ADMINISTER, bp
from crm.blueprints.admin.field_form import FieldPage, StandardPage, draft_of, kind_names
from crm.domain.fields import actions, indexes, rotation
from crm.domain.fields.building import percent_built
from crm.domain.fields.models import FieldDefinition
from crm.domain.fields.queries import definitions, overrides
from crm.domain.fields.values import fitting, found_twice
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.language import Words
from crm.kernel.records import RecordType
from crm.kernel.text import N_
from crm.web.errors import told
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext

INDEX_STATES = {
    indexes.QUEUED: (N_("index waits for a worker"), "info"),
    indexes.BUILDING: (N_("index is being built"), "info"),
    indexes.READY: (N_("sortable"), "ok"),
    indexes.FAILED: (N_("index could not be built"), "bad"),
}


def _type(key: str) -> RecordType:
    return RECORD_TYPES.get(key) or abort(404)


def _one(definition_id: int) -> FieldDefinition:
    return db.session.get(FieldDefinition, definition_id) or abort(404)


@bp.get("/fields", needs=ADMINISTER)
def fields() -> Any:
    types = [(each, definitions(each.key), overrides(each.key)) for each in RECORD_TYPES.values()]
    own = [each for _, some, _ in types for each in some]
    return render(
        "admin/fields.html",
        types=types,
        percents={each.id: found for each in own if (found := percent_built(each)) is not None},
        working=any(each.index_state in indexes.UNDER_WAY for each in own),
        kinds=kind_names(),
        states=INDEX_STATES,
        sortable=indexes.SORTABLE,
        Words=Words,
        rotation=rotation.latest(),
    )


@bp.get("/fields/of/<type_key>/new", needs=ADMINISTER)
def new_field(type_key: str) -> Any:
    return render("admin/field.html", page=FieldPage(_type(type_key)))


@bp.post("/fields/of/<type_key>", needs=ADMINISTER)
def make_field(type_key: str) -> Any:
    type_ = _type(type_key)
    try:
        made = actions.make(g.actor, type_key, draft_of(type_, request.form))
    except (Invalid, RuleBroken) as problem:
        return render("admin/field.html", 422, page=FieldPage(type_, None, request.form, told(problem)))
    return _saved(made, N_("The field “%(name)s” is made. It is on every page from now on."))


@bp.get("/fields/<int:definition_id>", needs=ADMINISTER)
def field(definition_id: int) -> Any:
    one = _one(definition_id)
    return render("admin/field.html", page=FieldPage(_type(one.record_type), one))


@bp.post("/fields/<int:definition_id>", needs=ADMINISTER)
def change_field(definition_id: int) -> Any:
    """Another kind is first tried on what records hold; nothing is changed before that was seen."""
    one = _one(definition_id)
    page = FieldPage(_type(one.record_type), one, request.form)
    try:
        draft = draft_of(page.type, request.form)
        if draft.kind != one.kind and request.form.get("seen") != draft.kind:
            page.preview = fitting(one, actions.changed_field(one, draft))
            return render("admin/field.html", 422, page=page)
        if draft.is_unique and not one.is_unique and (twice := found_twice(one)).count:
            page.twice = twice
            return render("admin/field.html", 422, page=page)
        actions.change(g.actor, one, draft)
    except (Invalid, RuleBroken) as problem:
        page.problem = told(problem)
        return render("admin/field.html", 422, page=page)
    return _saved(one, N_("The field “%(name)s” is saved."))


@bp.post("/fields/<int:definition_id>/place", needs=ADMINISTER)
def move_field(definition_id: int) -> Any:
    actions.move(g.actor, _one(definition_id), down=request.form.get("way") == "down")
    return see_other(url_for("admin.fields") + f"#field-{definition_id}")


@bp.post("/fields/<int:definition_id>/index", needs=ADMINISTER)
def make_field_sortable(definition_id: int) -> Any:
    one = _one(definition_id)
    indexes.make_sortable(g.actor, one)
    return _saved(one, N_("Lists can be sorted by “%(name)s” as soon as its index is built."))


@bp.post("/fields/<int:definition_id>/retirement", needs=ADMINISTER)
def retire_field(definition_id: int) -> Any:
    one = _one(definition_id)
    actions.retire(g.actor, one)
    return _saved(one, N_("The field “%(name)s” is retired. What records hold in it is kept."))


@bp.post("/fields/<int:definition_id>/return", needs=ADMINISTER)
def bring_back_field(definition_id: int) -> Any:
    one = _one(definition_id)
    actions.bring_back(g.actor, one)
    return _saved(one, N_("The field “%(name)s” is back, with what records held in it."))


@bp.get("/fields/of/<type_key>/standard/<standard>", needs=ADMINISTER)
def standard_field(type_key: str, standard: str) -> Any:
    return render("admin/standard_field.html", page=_standard(type_key, standard))


@bp.post("/fields/of/<type_key>/standard/<standard>", needs=ADMINISTER)
def change_standard_field(type_key: str, standard: str) -> Any:
    page = _standard(type_key, standard)
    try:
        actions.change_standard(
            g.actor,
            type_key,
            page.field,
            label=page.posted_label(request.form),
            hidden="hidden" in request.form,
            required="required" in request.form,
            sensitive="sensitive" in request.form,
        )
    except (Invalid, RuleBroken) as problem:
        page.problem = told(problem)
        return render("admin/standard_field.html", 422, page=page)
    flash(gettext(N_("The field “%(name)s” is saved."), name=gettext(page.field.label)), "ok")
    return see_other(url_for("admin.fields"))


def _standard(type_key: str, key: str) -> StandardPage:
    type_ = _type(type_key)
    found = type_.by_key().get(key) or abort(404)
    return StandardPage(type_, found, overrides(type_key).get(key))


def _saved(definition: FieldDefinition, words: str) -> Response:
    flash(gettext(words, name=Words(definition.label).into(g.language)), "ok")
    return see_other(url_for("admin.fields"))
