"""The calendar of tasks and birthdays: a month or a week, made on the server."""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import g, request, url_for

from crm.domain.people.queries import names
from crm.domain.tasks.calendar import Birthday, Days, days
from crm.domain.tasks.record_type import TASK
from crm.kernel.access import Reach
from crm.kernel.company import company
from crm.web.blueprint import CrmBlueprint
from crm.web.formats import month, weekday, weekdays
from crm.web.htmx import render
from crm.web.records.tasks import Tick, tick

_DAY = dt.timedelta(days=1)
_MONTH = re.compile(r"(\d{4})-(\d{2})$")
_WEEK = re.compile(r"(\d{4})-W(\d{2})$")


def add_calendar_to(bp: CrmBlueprint) -> None:
    @bp.get("/calendar", needs=TASK.may_read)
    def calendar() -> Any:
        return render("tasks/calendar.html", calendar=CalendarPage())


@dataclass(frozen=True)
class Day:
    on: dt.date
    words: str  # for a list of days, and for whoever listens
    current: bool  # today
    outside: bool  # of the month that is shown
    ticks: Sequence[Tick]
    birthdays: Sequence[Birthday]


class CalendarPage:
    """What the address asks; what it asks wrongly is today's."""

    def __init__(self) -> None:
        self.today = company.today()
        self.is_week = "week" in request.args
        self.first = _first(request.args, self.today)
        self.may_team = bool(g.actor.reach_of(TASK.may_read) > Reach.OWN)
        self.team = self.may_team and request.args.get("whose") == "team"

    @property
    def title(self) -> str:
        return month(self.first + 3 * _DAY if self.is_week else self.first)

    @property
    def _span(self) -> tuple[dt.date, dt.date]:
        """Whole weeks, from Monday."""
        first = self.first - self.first.weekday() * _DAY
        if self.is_week:
            return first, first + 6 * _DAY
        last = _next_month(self.first) - _DAY
        return first, last + (6 - last.weekday()) * _DAY

    @cached_property
    def _found(self) -> Days:
        return days(g.actor, *self._span, team=self.team)

    @property
    def more(self) -> bool:
        return self._found.more

    def weekdays(self) -> list[str]:
        return weekdays()

    @cached_property
    def weeks(self) -> list[list[Day]]:
        first, last = self._span
        ticks, birthdays = self._by_day()
        all_ = [self._day(first + at * _DAY, ticks, birthdays) for at in range((last - first).days + 1)]
        return [all_[at : at + 7] for at in range(0, len(all_), 7)]

    def _by_day(self) -> tuple[dict[dt.date, list[Tick]], dict[dt.date, list[Birthday]]]:
        who = names({each.owner_id for each in self._found.tasks}) if self.team else {}
        ticks: dict[dt.date, list[Tick]] = defaultdict(list)
        for task in self._found.tasks:
            assert task.due_on is not None
            ticks[task.due_on].append(tick(task, who.get(task.owner_id or 0, "")))
        birthdays: dict[dt.date, list[Birthday]] = defaultdict(list)
        for each in self._found.birthdays:
            birthdays[each.on].append(each)
        return ticks, birthdays

    def _day(self, on: dt.date, ticks: Any, birthdays: Any) -> Day:
        outside = not self.is_week and on.month != self.first.month
        return Day(on, weekday(on), on == self.today, outside, ticks.get(on, ()), birthdays.get(on, ()))

    def _url(self, first: dt.date, *, week: bool, team: bool) -> str:
        asked = {"week": f"{first:%G-W%V}"} if week else {"month": f"{first:%Y-%m}"}
        return url_for("tasks.calendar", **asked, **({"whose": "team"} if team else {}))

    @property
    def before_url(self) -> str:
        first = self.first - 7 * _DAY if self.is_week else (self.first - _DAY).replace(day=1)
        return self._url(first, week=self.is_week, team=self.team)

    @property
    def after_url(self) -> str:
        first = self.first + 7 * _DAY if self.is_week else _next_month(self.first)
        return self._url(first, week=self.is_week, team=self.team)

    @property
    def today_url(self) -> str:
        return self._url(self.today, week=self.is_week, team=self.team)

    def month_url(self) -> str:
        return self._url((self.first + 3 * _DAY).replace(day=1), week=False, team=self.team)

    def week_url(self) -> str:
        near = self.today if not self.is_week and self.today.replace(day=1) == self.first else self.first
        return self._url(near, week=True, team=self.team)

    def whose_url(self, team: bool) -> str:
        return self._url(self.first, week=self.is_week, team=team)


def _first(args: Any, today: dt.date) -> dt.date:
    """The first day of what is asked for."""
    try:
        if found := _WEEK.match(args.get("week", "")):
            return dt.date.fromisocalendar(int(found[1]), int(found[2]), 1)
        if (found := _MONTH.match(args.get("month", ""))) and 1900 < int(found[1]) < 9990:
            return dt.date(int(found[1]), int(found[2]), 1)
    except ValueError:
        pass  # a month 13: as if nothing had been asked
    return today - today.weekday() * _DAY if "week" in args else today.replace(day=1)


def _next_month(first: dt.date) -> dt.date:
    return (first.replace(day=1) + 31 * _DAY).replace(day=1)
