"""What a dashboard is asked: for which days, and of whose records."""

import datetime as dt
from dataclasses import dataclass

from crm.kernel.arguments import Filters
from crm.kernel.text import N_

MONTH, WEEK = "month", "week"
SPANS = {
    "month": N_("This month"),
    "quarter": N_("This quarter"),
    "year": N_("This year"),
    "months": N_("The last 12 months"),
    "days": N_("From – to"),
}
USUAL = "months"
_MOST = dt.timedelta(days=5 * 366)  # rows of a table that somebody still reads
_DAY = dt.timedelta(days=1)
_BY_WEEK = 100  # days; what is longer is told by month


@dataclass(frozen=True)
class Span:
    """From the first day to the last, both in it."""

    first: dt.date
    last: dt.date

    @property
    def weekly(self) -> str:
        return WEEK if (self.last - self.first).days < _BY_WEEK else MONTH

    def starts(self, unit: str) -> list[dt.date]:
        """Of every month or week that has a day in it, whether anything happened or not."""
        found = [begin_of(unit, self.first)]
        while (after := next_of(unit, found[-1])) <= self.last:
            found.append(after)
        return found

    def whole(self, unit: str) -> list[dt.date]:
        """Of every month or week that lies in it from its first day to its last."""
        return [each for each in self.starts(unit) if self.first <= each and next_of(unit, each) <= self.last + _DAY]

    def part(self, unit: str, start: dt.date) -> "Span":
        """What of this month or week lies in it."""
        return Span(max(start, self.first), min(next_of(unit, start) - _DAY, self.last))


def begin_of(unit: str, day: dt.date) -> dt.date:
    return day.replace(day=1) if unit == MONTH else day - dt.timedelta(days=day.weekday())


def next_of(unit: str, start: dt.date) -> dt.date:
    return _month(start, 1) if unit == MONTH else start + dt.timedelta(days=7)


def _month(day: dt.date, by: int) -> dt.date:
    months = day.year * 12 + day.month - 1 + by
    return dt.date(months // 12, months % 12 + 1, 1)


def span_of(key: str, today: dt.date, first: dt.date | None = None, last: dt.date | None = None) -> Span:
    """One that makes no sense is the usual one; whole months and quarters, up to their last day."""
    month = today.replace(day=1)
    if key == "days" and first is not None and last is not None and first <= last <= first + _MOST:
        return Span(first, last)
    begin, months = {
        "month": (month, 1),
        "quarter": (_month(month, -((today.month - 1) % 3)), 3),
        "year": (today.replace(month=1, day=1), 12),
    }.get(key, (_month(month, -11), 12))
    return Span(begin, _month(begin, months) - _DAY)


@dataclass(frozen=True)
class Asked:
    """`whose` is as a list's filter of the owner has it: "me", "department-7", or nothing for all one may see."""

    span: Span
    whose: str = ""
    pipeline: str = ""  # of the funnel; none: the first

    @property
    def owned(self) -> Filters:
        return (("owner", "of", self.whose),) if self.whose else ()
