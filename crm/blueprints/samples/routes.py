"""Drawing a verification sample, comparing its rows together, on the screen or on paper, and signing it."""

import re
from typing import Any

from flask import abort, flash, g, request, url_for

from crm.blueprints.samples.area import MAY, bp
from crm.blueprints.samples.page import VERDICTS, SamplePage, both, percent
from crm.domain.imports.models import Import
from crm.domain.people.queries import PEOPLE
from crm.domain.sampling import actions
from crm.domain.sampling.bounds import CONFIDENCE, most_wrong
from crm.domain.sampling.queries import latest, next_line, row_of, rows_of
from crm.infra.db import db
from crm.kernel.errors import Invalid
from crm.kernel.permissions import Permission
from crm.kernel.text import N_
from crm.web.errors import told
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext


def _import(import_id: int) -> Import:
    found: Import = db.one_or_404(Import.visible_to(g.actor).where(Import.id == import_id))
    return found


@bp.get("/of/<int:import_id>", needs=Permission.IMPORTS_READ)
def of_import(import_id: int) -> Any:
    """The last one, or the form for a new one."""
    import_ = _import(import_id)
    sample = latest(import_.id)
    if sample is not None and request.args.get("new") != "1":
        return see_other(url_for("samples.show", sample_id=sample.id))
    return _new(import_)


@bp.post("/of/<int:import_id>", needs=Permission.IMPORTS_READ)
def draw(import_id: int) -> Any:
    import_ = _import(import_id)
    size, seed = request.form.get("size", ""), request.form.get("seed", "")
    try:
        chosen = {"size": _number(size), "seed": _number(seed)}
        sample = actions.draw(g.actor, import_, **chosen)
    except Invalid as problem:
        return _new(import_, told(problem), 422)
    return see_other(url_for("samples.show", sample_id=sample.id))


def _number(text: str) -> int | None:
    if text.strip() and not (text.strip().isdecimal() and len(text.strip()) < 10):
        raise Invalid(N_("“%(value)s” is not a whole number."), value=text[:60])
    return int(text) if text.strip() else None


def _new(import_: Import, problem: str = "", status: int = 200) -> Any:
    population = actions.population_of(import_)
    usual, most = actions.usual_size(population), min(actions.MOST, population)
    says = {"sure": percent(CONFIDENCE), "bound": percent(most_wrong(0, actions.MOST))}
    return render("samples/new.html", status, record=import_, usual=usual, most=most, problem=problem, **says)


@bp.get("/<int:sample_id>", needs=MAY)
def show(sample_id: int) -> Any:
    return _page(sample_id)


def _page(sample_id: int, problem: str = "", status: int = 200, **typed: str) -> Any:
    return render("samples/show.html", status, page=SamplePage(*both(sample_id)), problem=problem, typed=typed)


@bp.get("/<int:sample_id>/rows/<int:line>", needs=MAY)
def row(sample_id: int, line: int) -> Any:
    return _row(sample_id, line)


def _row(sample_id: int, line: int, problem: str = "", status: int = 200) -> Any:
    page = SamplePage(*both(sample_id))
    shown = row_of(page.sample, line) or abort(404)
    cells = page.cells([shown])[line]
    words, tone = VERDICTS[shown.verdict]
    return render(
        "samples/row.html",
        status,
        page=page,
        row=shown,
        cells=cells,
        verdict=(gettext(words), tone),
        problem=problem,
        next_url=_next(page, line),
    )


def _next(page: SamplePage, line: int) -> str:
    following = next_line(g.actor, page.sample, line)
    return url_for("samples.row", sample_id=page.sample.id, line=following) if following else page.url


@bp.post("/<int:sample_id>/rows/<int:line>", needs=MAY)
def judge(sample_id: int, line: int) -> Any:
    import_, sample = both(sample_id)
    shown = row_of(sample, line) or abort(404)
    wrong, is_wrong = request.form.getlist("wrong"), request.form.get("verdict") == "wrong"
    try:
        actions.judge(
            g.actor,
            import_,
            sample,
            shown,
            wrong=wrong if is_wrong else (),
            note=request.form.get("note", "") if is_wrong else "",
            is_wrong=is_wrong,
        )
    except Invalid as problem:
        return _row(sample_id, line, told(problem), 422)
    return see_other(_next(SamplePage(import_, sample), line))


@bp.post("/<int:sample_id>/people", needs=MAY)
def share(sample_id: int) -> Any:
    import_, sample = both(sample_id)
    typed = request.form.get("people", "")
    texts = [each.strip() for each in re.split(r"[,;，；、\n]", typed) if each.strip()]
    found = PEOPLE.resolve(g.actor, texts) if texts else {}
    wrong = [told(each) for each in found.values() if isinstance(each, Invalid)]
    if wrong or not texts:
        return _page(sample_id, " ".join(wrong) or gettext(N_("Name at least one colleague.")), 422, people=typed)
    actions.share(g.actor, import_, sample, list(found.values()))
    flash(gettext(N_("They are told, and see the rows as far as their own rights go.")), "ok")
    return see_other(url_for("samples.show", sample_id=sample_id))


@bp.post("/<int:sample_id>/paper", needs=MAY)
def paper(sample_id: int) -> Any:
    import_, sample = both(sample_id)
    typed = request.form.get("lines", "")
    lines = [each for each in re.split(r"[\s,;，；、]+", typed) if each]
    try:
        if bad := [each for each in lines if not each.isdecimal() or len(each) > 9]:
            raise Invalid(N_("“%(value)s” is not a whole number."), value=bad[0][:60])
        with db.session.begin_nested():
            actions.judge_paper(g.actor, import_, sample, {int(each) for each in lines})
    except Invalid as problem:
        return _page(sample_id, told(problem), 422, lines=typed)
    return see_other(url_for("samples.show", sample_id=sample_id))


@bp.post("/<int:sample_id>/signature", needs=MAY)
def sign(sample_id: int) -> Any:
    actions.sign(g.actor, *both(sample_id))
    return see_other(url_for("samples.show", sample_id=sample_id))


@bp.get("/<int:sample_id>/print", needs=MAY)
def print_page(sample_id: int) -> Any:
    page = SamplePage(*both(sample_id))
    rows = rows_of(page.sample)
    cells = page.cells(rows)
    return render("samples/print.html", page=page, rows=[(each, cells[each.line]) for each in rows])
