"""The department tree: make, rename, move, close."""

from typing import Any

from flask import abort, flash, g, request, url_for
from werkzeug.wrappers import Response

from crm.blueprints.admin.area import ADMINISTER, bp
from crm.domain.people import standing_in, structure
from crm.domain.people.models import Department, Person
from crm.domain.people.queries import PEOPLE, headcounts
from crm.infra.db import db
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.text import N_
from crm.web.departments import options, tree
from crm.web.errors import told
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext


def department_named(text: str) -> Department | None:
    """From a select: nothing chosen is None; what is closed or was never there is refused."""
    if not text:
        return None
    found = db.session.get(Department, int(text)) if text.isdecimal() else None
    if found is None or found.closed_at is not None:
        raise Invalid(N_("This department is closed: choose another."))
    return found


def _one(department_id: int) -> Department:
    found = db.session.get(Department, department_id)
    return found if found is not None and found.closed_at is None else abort(404)


def _named(person_id: int | None) -> str:
    return PEOPLE.labels(g.actor, {person_id}).get(person_id, "") if person_id is not None else ""


def _head() -> Person | None:
    text = request.form.get("head", "").strip()
    if not text:
        return None
    found = PEOPLE.resolve(g.actor, [text])[text]
    if isinstance(found, Invalid):
        raise Invalid(found.message, **found.params)
    return db.session.get(Person, found)


@bp.get("/departments", needs=ADMINISTER)
def departments() -> Any:
    return _page()


def _page(status: int = 200, problem: str = "", name: str = "") -> Response:
    return render(
        "admin/departments.html",
        status,
        tree=tree(),
        people=headcounts(),
        parents=options(),
        problem=problem,
        name=name,
        parent=request.values.get("parent", ""),
    )


@bp.post("/departments", needs=ADMINISTER)
def create_department() -> Any:
    name = request.form.get("name", "")
    try:
        made = structure.create_department(g.actor, name=name, parent=department_named(request.form.get("parent", "")))
    except Invalid as problem:
        return _page(422, told(problem), name)
    flash(gettext(N_("The department “%(name)s” is there."), name=made.name), "ok")
    return see_other(url_for("admin.departments"))


@bp.get("/departments/<int:department_id>", needs=ADMINISTER)
def department(department_id: int) -> Any:
    return _form(_one(department_id))


def _form(one: Department, status: int = 200, problem: str = "") -> Response:
    return render(
        "admin/department.html",
        status,
        department=one,
        parents=options(outside=one),
        name=request.form.get("name", one.name),
        parent=request.form.get("parent", one.parent_id or ""),
        head=request.form.get("head", _named(one.head_id)),
        problem=problem,
    )


@bp.post("/departments/<int:department_id>", needs=ADMINISTER)
def change_department(department_id: int) -> Any:
    one = _one(department_id)
    try:
        structure.move_department(g.actor, one, parent=department_named(request.form.get("parent", "")))
        structure.rename_department(g.actor, one, name=request.form.get("name", ""))
        standing_in.lead(g.actor, one, _head())
    except (Invalid, RuleBroken) as problem:
        return _form(one, 422, told(problem))
    flash(gettext(N_("The department “%(name)s” is saved."), name=one.name), "ok")
    return see_other(url_for("admin.departments"))


@bp.post("/departments/<int:department_id>/closing", needs=ADMINISTER)
def close_department(department_id: int) -> Any:
    one = _one(department_id)
    try:
        structure.close_department(g.actor, one)
    except RuleBroken as problem:
        return _form(one, 409, told(problem))
    flash(gettext(N_("The department “%(name)s” is closed."), name=one.name), "ok")
    return see_other(url_for("admin.departments"))
