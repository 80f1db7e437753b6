"""Reports: putting one together, keeping it, showing it to others, taking it away as a file."""

from dataclasses import replace
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import abort, flash, g, request, send_file, url_for
from werkzeug.datastructures import MultiDict

from crm.blueprints.reports.page import ReportPage
from crm.domain.reports import actions
from crm.domain.reports.asking import Question
from crm.domain.reports.models import Report
from crm.domain.reports.queries import known_to, open_to, types_of
from crm.domain.reports.suggestions import suggested
from crm.infra.db import db
from crm.kernel.company import company
from crm.kernel.errors import Conflict, Invalid, RuleBroken
from crm.kernel.kinds import FieldKind
from crm.kernel.listing import ListSpec
from crm.kernel.text import N_
from crm.web.blueprint import SIGNED_IN, CrmBlueprint
from crm.web.errors import status_of, told
from crm.web.filter_rows import ALTERNATIVES, Builder
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext
from crm.web.report_file import content

bp = CrmBlueprint("reports", __name__, url_prefix="/reports", module="reports")
MAY = SIGNED_IN  # whoever may see the list: see _question


@bp.get("/", needs=MAY)
def index() -> Any:
    offered = [
        (gettext(label), f"{url_for('reports.new')}?{urlencode(question.to_args())}")
        for label, question in suggested(g.actor)
    ]
    types = [(gettext(each.label_plural), url_for("reports.new", type=each.key)) for each in types_of(g.actor)]
    nouns = {each.key: gettext(each.label_plural) for each in types_of(g.actor)}
    reports = [(each, url_for("reports.show", report_id=each.id)) for each in known_to(g.actor)]
    return render("reports/index.html", reports=reports, offered=offered, types=types, nouns=nouns)


def _question(items: "MultiDict[str, str]") -> tuple[Question, Builder]:
    """What a form or an address asks, its filter built row by row where it is."""
    question = Question.from_args(items.items())
    known = {each.key: each for each in types_of(g.actor)}
    if question.type not in known:
        abort(404)
    builder = Builder(_open(known[question.type].list.open_to(g.actor)), items)
    if items.get("was", question.type) != question.type:  # of another type nothing is kept
        return Question(question.type), Builder(builder.spec, MultiDict())
    if "f0" not in items:
        return question, builder
    kept = tuple(each for each in builder.base.filters if each[0] not in builder.spec.by_key)
    query = builder.query.but(sort="", columns=())
    return question.asking(query.but(filters=tuple(sorted({*query.filters, *kept})))), builder


def _open(spec: ListSpec) -> ListSpec:
    """What is looked for in encrypted fields must not come to stand in an address, so the form has none of them; what
    a kept report asks there, or of fields that are gone, stays beside what the form says."""
    return replace(spec, fields=tuple(each for each in spec.fields if each.kind is not FieldKind.ENCRYPTED))


def _one(report_id: int) -> Report:
    report: Report = db.one_or_404(open_to(g.actor).where(Report.id == report_id))
    return report


@bp.get("/new", needs=MAY)
def new() -> Any:
    if not types_of(g.actor):
        abort(403)
    given = request.args.copy()
    if "type" not in given:
        given["type"] = types_of(g.actor)[0].key
    return _shown(given, None)


@bp.get("/<int:report_id>", needs=MAY)
def show(report_id: int) -> Any:
    """As it is kept, or as its form has just been changed."""
    report = _one(report_id)
    given = request.args if "type" in request.args else MultiDict((key, value) for key, value in report.asked)
    return _shown(given, report)


def _shown(given: "MultiDict[str, str]", report: Report | None, status: int = 200, **more: Any) -> Any:
    question, builder = _question(given)
    return render("reports/show.html", status, **_context(ReportPage(question, report), builder, **more))


def _context(page: ReportPage, builder: Builder, **more: Any) -> dict[str, Any]:
    """`more` is what was typed and what is wrong with it."""
    report = page.report
    known = {"problem": "", "name": "", "description": "", "version": 0, "audience": page.audience}
    if report is not None:
        known |= {"name": report.name, "description": report.description, "version": report.version}
    return known | {"page": page, "builder": builder, "alternatives": ALTERNATIVES} | more


def _asked() -> "MultiDict[str, str]":
    return MultiDict(parse_qsl(request.form.get("asked", "")))


def _again(report: Report | None, problem: Invalid | RuleBroken) -> Any:
    """What was typed stands, with what is wrong."""
    typed = {key: request.form.get(key, "") for key in ("name", "description", "audience")}
    return _shown(_asked(), report, status_of(problem), problem=told(problem), **typed)


@bp.post("/", needs=MAY)
def create() -> Any:
    question, _ = _question(_asked())
    try:
        name, description = request.form.get("name", ""), request.form.get("description", "")
        report = actions.save(g.actor, question, name=name, description=description)
    except (Invalid, RuleBroken) as problem:
        return _again(None, problem)
    db.session.flush()
    flash(gettext(N_("The report is saved. It is yours alone until you show it to others.")), "ok")
    return see_other(url_for("reports.show", report_id=report.id))


@bp.post("/<int:report_id>", needs=MAY)
def update(report_id: int) -> Any:
    report, form = _one(report_id), request.form
    question, _ = _question(_asked())
    version = form.get("version", "")
    try:
        actions.change(
            g.actor,
            report,
            question,
            name=form.get("name", ""),
            description=form.get("description", ""),
            audience=ReportPage(question, report).read_audience(form.get("audience", "")),
            seen=int(version) if version.isdecimal() and len(version) < 19 else 0,
        )
    except (Invalid, Conflict) as problem:
        return _again(report, problem)
    flash(gettext(N_("The report is saved.")), "ok")
    return see_other(url_for("reports.show", report_id=report_id))


@bp.post("/<int:report_id>/deletion", needs=MAY)
def delete(report_id: int) -> Any:
    report = _one(report_id)
    actions.delete(g.actor, report)
    flash(gettext(N_("The report “%(title)s” is deleted. The records are as they were."), title=report.name), "ok")
    return see_other(url_for("reports.index"))


@bp.post("/file/<any(csv, xlsx):suffix>", needs=MAY)
def file(suffix: str) -> Any:
    """The table, with the rights of whoever takes it. Groups and numbers, no records."""
    question, builder = _question(_asked())
    page = ReportPage(question)
    if page.table.problem:
        return render("reports/show.html", 422, **_context(page, builder))
    lines = len(page.table.lines)
    actions.taken(g.actor, page.table.question, suffix, lines)
    body = content(page.table, suffix, " · ".join(page.filter_words))
    word = gettext(N_("report"))
    name = f"{word}-{company.today().isoformat()}.{suffix}"
    return send_file(BytesIO(body), download_name=name, as_attachment=True)
