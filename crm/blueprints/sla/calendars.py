"""Calendars: the hours of a week, the days that are not like the others, and where they count."""

import datetime as dt
from typing import Any

from flask import abort, g, request, url_for
from werkzeug.wrappers import Response

from crm.blueprints.sla.area import MAY, Problem, bp, done, named, whole
from crm.blueprints.sla.calendar_page import CalendarPage
from crm.domain.sla import anew, calendars
from crm.domain.sla.days import Day, read_days, read_hours
from crm.domain.sla.models import BusinessCalendar
from crm.domain.sla.promises import all_calendars, everywhere, uses
from crm.infra.db import db
from crm.kernel.company import company
from crm.kernel.errors import Conflict, Invalid
from crm.kernel.text import N_, clean
from crm.web.errors import status_of, told
from crm.web.htmx import render
from crm.web.i18n import gettext

_NO_DATE = N_("“%(value)s” is no date: write it like 2026-10-01.")


@bp.get("/calendars", needs=MAY)
def calendar_list() -> Any:
    known, said = all_calendars(), uses()
    usual = said.get(None, everywhere(known, company.timezone))
    rows = [(each, CalendarPage(each).summary, each.id == usual) for each in known]
    return render("sla/calendars.html", rows=rows, run=anew.last_run())


@bp.get("/calendars/new", needs=MAY)
def new_calendar() -> Any:
    return _show(None)


@bp.get("/calendars/<int:business_calendar_id>", needs=MAY)
def calendar(business_calendar_id: int) -> Any:
    return _show(_kept(business_calendar_id))


def _show(one: BusinessCalendar | None, status: int = 200, problem: Problem = ("", "")) -> Response:
    return render("sla/calendar.html", status, page=CalendarPage(one), problem=problem)


def _refused(one: BusinessCalendar | None, problem: Invalid | Conflict) -> Response:
    return _show(one, status_of(problem), (problem.params.get("key", ""), told(problem)))


def _seen() -> int:
    """The version of the calendar that the page showed."""
    return whole("version") or 0


@bp.post("/calendars", needs=MAY)
def make_calendar() -> Any:
    return _save(None)


@bp.post("/calendars/<int:business_calendar_id>", needs=MAY)
def change_calendar(business_calendar_id: int) -> Any:
    return _save(_kept(business_calendar_id))


def _save(one: BusinessCalendar | None) -> Response:
    form = request.form
    try:
        week = [read_hours(form.get(f"week-{day}", ""), key=f"week-{day}") for day in range(7)]
        name = named(form.get("name", ""), one.name) if one is not None else form.get("name", "")
        saved = calendars.save(g.actor, one, name=name, zone=clean(form.get("zone", "")), week=week, seen=_seen())
    except (Invalid, Conflict) as problem:
        return _refused(one, problem)
    return _back(saved, name=gettext(saved.name))


def _back(one: BusinessCalendar, *words: str, year: int | None = None, **params: Any) -> Response:
    return done(url_for("sla.calendar", business_calendar_id=one.id, year=year), *words, **params)


@bp.post("/calendars/<int:business_calendar_id>/uses", needs=MAY)
def use_calendar(business_calendar_id: int) -> Any:
    one, sent = _kept(business_calendar_id), request.form.getlist("departments")
    try:
        wanted = [None if each == "0" else int(each) for each in sent if each.isdecimal()]
        calendars.use(g.actor, one, wanted, seen=_seen())
    except (Invalid, Conflict) as problem:
        return _refused(one, problem)
    return _back(one, name=gettext(one.name))


@bp.post("/calendars/<int:business_calendar_id>/days", needs=MAY)
def put_day(business_calendar_id: int) -> Any:
    """One day, or all from the first to the last."""
    one, form = _kept(business_calendar_id), request.form
    try:
        first, last = _dates()
        how, name = form.get("how", ""), clean(form.get("name", ""))[:80]
        hours = read_hours(form.get("hours", "")) if how == "hours" else ()
        if how == "hours" and not hours:
            raise Invalid(N_("Say which hours count on this day."), key="hours")
        like = int(how) if how in {str(day) for day in range(7)} else None
        stretch = [first + dt.timedelta(days=each) for each in range((last - first).days + 1)]
        calendars.put_days(g.actor, one, [Day(each, name, like, hours) for each in stretch], seen=_seen())
    except (Invalid, Conflict) as problem:
        return _refused(one, problem)
    return _back(one, year=first.year, name=gettext(one.name))


def _dates() -> tuple[dt.date, dt.date]:
    """The first and the last day that were sent; without a last one twice the first."""
    first = _date(request.form.get("day", ""), "day")
    last = _date(request.form["until"], "until") if clean(request.form.get("until", "")) else first
    if not 0 <= (last - first).days < 60:
        raise Invalid(N_("The last day comes after the first, at most 60 days later."), key="until")
    return first, last


def _date(text: str, key: str) -> dt.date:
    try:
        return dt.date.fromisoformat(clean(text))
    except ValueError:
        raise Invalid(_NO_DATE, value=clean(text)[:40], key=key) from None


@bp.post("/calendars/<int:business_calendar_id>/days/removal", needs=MAY)
def remove_days(business_calendar_id: int) -> Any:
    one = _kept(business_calendar_id)
    try:
        first, last = _dates()
        calendars.remove_days(g.actor, one, first, last, seen=_seen())
    except (Invalid, Conflict) as problem:
        return _refused(one, problem)
    return _back(one, year=first.year, name=gettext(one.name))


@bp.post("/calendars/<int:business_calendar_id>/pasted", needs=MAY)
def paste_days(business_calendar_id: int) -> Any:
    one = _kept(business_calendar_id)
    try:
        days = read_days(request.form.get("text", ""))
        count = calendars.put_days(g.actor, one, days, seen=_seen())
    except (Invalid, Conflict) as problem:
        return _refused(one, problem)
    words = N_("%(days)s days were read, %(count)s of them are new or different now.")
    return _back(one, words, year=days[0].day.year, days=len(days), count=count)


@bp.post("/calendars/<int:business_calendar_id>/copies", needs=MAY)
def copy_year(business_calendar_id: int) -> Any:
    one, year = _kept(business_calendar_id), request.form.get("year", "")
    if not (year.isdecimal() and 2000 <= int(year[:5]) < 2099):
        abort(400)
    count = calendars.copy_year(g.actor, one, int(year))
    words = N_("%(count)s days are copied to %(next)s. Holidays by the moon fall on other dates: look at each.")
    return _back(one, words, year=int(year) + 1, next=int(year) + 1, count=count)


@bp.post("/calendars/<int:business_calendar_id>/retirement", needs=MAY)
def retire_calendar(business_calendar_id: int) -> Any:
    one = _kept(business_calendar_id)
    calendars.retire(g.actor, one)
    words = N_("“%(name)s” counts nowhere any more.")
    return done(url_for("sla.calendar_list"), words, name=gettext(one.name))


def _kept(calendar_id: int) -> BusinessCalendar:
    found = db.session.get(BusinessCalendar, calendar_id)
    return found if found is not None and found.retired_at is None else abort(404)
