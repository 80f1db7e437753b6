"""What the page of a calendar shows."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from babel.dates import get_day_names
from flask import request

from crm.domain.sla.calendars import days_of
from crm.domain.sla.days import hours_text
from crm.domain.sla.models import BusinessCalendar, CalendarDay
from crm.domain.sla.promises import spans, uses
from crm.kernel.company import company
from crm.kernel.language import reading
from crm.kernel.text import N_
from crm.web.departments import options
from crm.web.formats import weekday
from crm.web.i18n import gettext

_OFFICE = "09:00-18:00"


@dataclass(frozen=True)
class Stretch:
    """Days one after the other that are the same; `first` and `last` as ISO dates."""

    first: str
    last: str
    words: str
    name: str
    hours: str
    works: bool


class CalendarPage:
    """`calendar` is None for a new one. What was sent and refused stands where it was typed."""

    def __init__(self, calendar: BusinessCalendar | None) -> None:
        self.calendar = calendar
        given = request.args.get("year", request.form.get("day", "")[:4])
        this = company.today().year
        self.year = int(given) if given.isdecimal() and len(given) == 4 else this

    def sent(self, name: str, kept: str = "") -> str:
        return request.form.get(name, kept)

    @property
    def name(self) -> str:
        kept = gettext(self.calendar.name) if self.calendar else ""
        return kept if "day" in request.form else self.sent("name", kept)  # the form of a day has a name of its own

    @property
    def zone(self) -> str:
        return self.sent("zone", self.calendar.zone if self.calendar else "")

    @cached_property
    def weekdays(self) -> list[str]:
        names = get_day_names("wide", locale=reading.get())
        return [names[each] for each in range(7)]

    @property
    def week(self) -> list[tuple[int, str, str]]:
        """(number, weekday, its hours as text)."""
        kept = [hours_text(each) for each in self.calendar.week] if self.calendar else [_OFFICE] * 5 + ["", ""]
        return [(day, words, self.sent(f"week-{day}", kept[day])) for day, words in enumerate(self.weekdays)]

    @property
    def summary(self) -> str:
        """In a line: days with the same hours together."""
        assert self.calendar is not None
        groups: dict[str, list[str]] = {}
        for _, words, hours in self.week:
            if hours:
                groups.setdefault(hours, []).append(words)
        return " · ".join(f"{', '.join(days)} {hours}" for hours, days in groups.items())

    @cached_property
    def stretches(self) -> list[Stretch]:
        assert self.calendar is not None
        groups: list[list[CalendarDay]] = []
        for each in days_of(self.calendar, self.year):
            if groups and _goes_on(groups[-1][-1], each):
                groups[-1].append(each)
            else:
                groups.append([each])
        return [self._stretch(each[0], each[-1]) for each in groups]

    def _stretch(self, first: CalendarDay, last: CalendarDay) -> Stretch:
        assert self.calendar is not None
        hours = hours_text(spans(self.calendar.week[first.like] if first.like is not None else first.hours))
        words = hours or gettext(N_("not worked"))
        if first.like is not None:
            words = gettext(N_("like %(weekday)s: %(hours)s"), weekday=self.weekdays[first.like], hours=words)
        days = " – ".join(dict.fromkeys((weekday(first.day), weekday(last.day))))
        return Stretch(first.day.isoformat(), last.day.isoformat(), days, gettext(first.name), words, bool(hours))

    @cached_property
    def years(self) -> list[int]:
        assert self.calendar is not None
        this = company.today().year
        return sorted({each.day.year for each in days_of(self.calendar)} | {this, this + 1, self.year})

    @property
    def ways(self) -> list[tuple[str, str]]:
        """How a day may be."""
        like = [
            (str(day), gettext(N_("Works like %(weekday)s"), weekday=words)) for day, words in enumerate(self.weekdays)
        ]
        return [("closed", gettext(N_("Nobody works"))), *like, ("hours", gettext(N_("Hours of its own")))]

    @property
    def departments(self) -> list[tuple[str, str]]:
        return [("0", gettext(N_("Everywhere where no other calendar counts"))), *options()]

    @property
    def used(self) -> list[str]:
        assert self.calendar is not None
        if self.sent("part") == "uses":
            return request.form.getlist("departments")
        return [str(department or 0) for department, each in uses().items() if each == self.calendar.id]


def _goes_on(one: CalendarDay, other: CalendarDay) -> bool:
    same = (one.name, one.like, one.hours) == (other.name, other.like, other.hours)
    return same and other.day - one.day == dt.timedelta(days=1)
