"""When a report is mailed, and to whom."""

from typing import Any

from flask import abort, flash, g, request, url_for

from crm.blueprints.reports.routes import MAY, bp
from crm.domain.exports.regular import DAY, EVERY, MONTH, WEEK
from crm.domain.people.queries import names
from crm.domain.registry import sourced_field
from crm.domain.reports import mailings
from crm.domain.reports.models import Report, ReportMailing
from crm.domain.reports.queries import mailings_of, open_to
from crm.infra.db import db
from crm.kernel.errors import Invalid
from crm.kernel.text import N_
from crm.web.errors import told
from crm.web.formats import moment, weekdays
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext


def _report(report_id: int) -> Report:
    report: Report = db.one_or_404(open_to(g.actor).where(Report.id == report_id))
    if not mailings.may_mail(g.actor, report.record_type):
        abort(403)
    return report


@bp.get("/<int:report_id>/mail", needs=MAY)
def mail_form(report_id: int) -> Any:
    return _form(_report(report_id))


def _form(report: Report, status: int = 200, problem: str = "") -> Any:
    rows = [(each, when(each), _names(each), moment(each.next_at)) for each in mailings_of(g.actor, report)]
    every = [(key, gettext(label)) for key, label in EVERY.items()]
    given = {key: request.form.get(key, "") for key in ("every", "weekday", "monthday", "hour", "people")}
    return render(
        "reports/mail.html",
        status,
        report=report,
        rows=rows,
        every=every,
        weekdays=[(str(n), name) for n, name in enumerate(weekdays())],
        given=given,
        problem=problem,
    )


def _names(mailing: ReportMailing) -> str:
    return ", ".join(names(mailing.people).values())


def when(mailing: ReportMailing) -> str:
    hour = f"{mailing.hour}:00"
    if mailing.every == DAY:
        return gettext(N_("every day at %(hour)s"), hour=hour)
    if mailing.every == WEEK:
        return gettext(N_("%(weekday)s at %(hour)s"), weekday=weekdays()[mailing.on_day], hour=hour)
    return gettext(N_("day %(day)s of the month at %(hour)s"), day=str(mailing.on_day), hour=hour)


@bp.post("/<int:report_id>/mail", needs=MAY)
def make_mailing(report_id: int) -> Any:
    report, form = _report(report_id), request.form
    every = form.get("every", "")
    day = {WEEK: form.get("weekday", ""), MONTH: form.get("monthday", "")}.get(every, "0")
    try:
        mailings.make(
            g.actor,
            report,
            every=every,
            on_day=_whole(day),
            hour=_whole(form.get("hour", "")),
            receivers=_people(form.get("people", "")),
        )
    except Invalid as problem:
        return _form(report, 422, told(problem))
    flash(gettext(N_("The report will be mailed. Each receiver has the numbers of what they may see.")), "ok")
    return see_other(url_for("reports.mail_form", report_id=report_id))


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 3 else -1


def _people(text: str) -> list[int]:
    """Names, one a line or with semicolons between; raises Invalid where one is nobody's."""
    wanted = {part.strip() for line in text.splitlines() for part in line.replace("；", ";").split(";") if part.strip()}
    source = getattr(sourced_field(g.actor, "owner"), "source", None)
    if not wanted or source is None:
        return []
    found = source.resolve(g.actor, wanted)
    for each in found.values():
        if isinstance(each, Invalid):
            raise each
    return list(found.values())


@bp.post("/<int:report_id>/mail/<int:report_mailing_id>/end", needs=MAY)
def end_mailing(report_id: int, report_mailing_id: int) -> Any:
    report: Report = db.one_or_404(open_to(g.actor).where(Report.id == report_id))
    mailing = next((each for each in mailings_of(g.actor, report) if each.id == report_mailing_id), None) or abort(404)
    mailings.end(g.actor, mailing, report)
    flash(gettext(N_("The report is not mailed any more.")), "ok")
    return see_other(url_for("reports.show", report_id=report_id))
