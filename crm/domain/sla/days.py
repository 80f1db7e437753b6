"""Days of a calendar from pasted text: a table, an iCalendar file, or lines as people write them.

A line is a date, or two with “to” or “~” between them, then what it is: `2026-10-01 National Day`. It is closed, unless
the line says “work”, “班” or hours: `2026-10-10 work`, `2026-12-24 09:00-13:00`. Commas, tabs and semicolons separate
too.
"""

import csv
import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from icalendar import Calendar as File

from crm.domain.sla.worktime import Span, Spans
from crm.kernel.errors import Invalid
from crm.kernel.text import N_, clean

LONGEST_NAME, MOST_DAYS = 80, 2000
_LONGEST_STRETCH = 60  # days from one date to another
_DATE = r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
_LINE = re.compile(rf"^\W*{_DATE}(?:\s*(?:to|until|~|–|—|至|到|-)\s*{_DATE})?(.*)$", re.IGNORECASE)
_HOURS = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-–—~至到]\s*(\d{1,2})[:：](\d{2})")
_WORKED = re.compile(r"\b(?:work(?:ing|day| day)?|worked)\b|上班|补班|调休上班|[（(]班[）)]|^\s*班\s*$", re.IGNORECASE)
_CLOSED = re.compile(r"\b(?:closed|holiday|off)\b|放假|休息|[（(]休[）)]|^\s*休\s*$", re.IGNORECASE)
_UNREADABLE = N_("Line %(line)s cannot be read: “%(text)s”. Write a date and a name, like 2026-10-01 National Day.")
_LONG = N_("Line %(line)s goes over more than %(most)s days: is the year right?")


@dataclass(frozen=True)
class Day:
    """`like` is a weekday (0 is Monday); without it the hours count, and without hours it is closed."""

    day: dt.date
    name: str = ""
    like: int | None = None
    hours: Spans = ()


def read_hours(text: str, *, key: str = "hours") -> Spans:
    """“09:00-12:00, 13:00-18:00” as spans; nothing is closed. Raises Invalid. 24:00 is the end of the day."""
    found = [_span(each) for each in _HOURS.finditer(text)]
    rest = re.sub(r"[\s,;，；、和]+", "", _HOURS.sub("", text))
    if rest or any(start >= end or end > 1440 for start, end in found):
        raise Invalid(
            N_("“%(value)s” are no hours: write them like 09:00-12:00, 13:00-18:00."), value=text[:80], key=key
        )
    found.sort()
    if any(before[1] > after[0] for before, after in zip(found, found[1:], strict=False)):
        raise Invalid(N_("The hours “%(value)s” overlap."), value=text[:80], key=key)
    return tuple(found)


def _span(found: re.Match[str]) -> Span:
    start, start_minute, end, end_minute = map(int, found.groups())
    if start_minute > 59 or end_minute > 59:
        return (1, 0)  # refused like any that ends before it starts
    return start * 60 + start_minute, end * 60 + end_minute


def hours_text(spans: Sequence[Sequence[int]]) -> str:
    """The other way round."""
    return ", ".join(f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in spans)


def read_days(text: str) -> list[Day]:
    """In the order of their dates; of one that stands twice the last counts. Raises Invalid with the line."""
    if "BEGIN:VCALENDAR" in text.upper():
        found = list(_of_file(text))
    else:
        found = [
            day for number, line in enumerate(text.splitlines(), 1) if line.strip() for day in _of_line(number, line)
        ]
    days = {each.day: each for each in found}
    if not days:
        raise Invalid(N_("There is no day in it: write a date and a name on each line."), key="text")
    if len(days) > MOST_DAYS:
        raise Invalid(N_("These are more than %(most)s days."), most=MOST_DAYS, key="text")
    return [days[day] for day in sorted(days)]


def _of_line(number: int, line: str) -> Iterator[Day]:
    found = _LINE.match(line)
    if found is None:
        if number == 1:  # a table's headings
            return
        raise Invalid(_UNREADABLE, line=number, text=clean(line)[:60], key="text")
    try:
        first = dt.date(*map(int, found.groups()[:3]))
        last = dt.date(*map(int, found.groups()[3:6])) if found[4] else first
    except ValueError:
        raise Invalid(_UNREADABLE, line=number, text=clean(line)[:60], key="text") from None
    yield from _stretch(number, first, last, *_said(found[7]))


def _said(rest: str) -> tuple[str, int | None, Spans]:
    """Name, weekday it is like, hours."""
    hours = read_hours(", ".join(each[0] for each in _HOURS.finditer(rest)))
    cells = next(csv.reader([_HOURS.sub("", rest).replace("\t", ",").replace(";", ",")]), [])
    worked = any(_WORKED.search(each) for each in cells)
    names = [_CLOSED.sub("", _WORKED.sub("", each)) for each in cells]
    name = next((said for each in names if (said := clean(each).strip(" :：·-–—"))), "")
    return name[:LONGEST_NAME], 0 if worked and not hours else None, hours


def _stretch(number: int, first: dt.date, last: dt.date, name: str, like: int | None, hours: Spans) -> Iterator[Day]:
    if not 0 <= (last - first).days < _LONGEST_STRETCH:
        raise Invalid(_LONG, line=number, most=_LONGEST_STRETCH, key="text")
    for each in range((last - first).days + 1):
        yield Day(first + dt.timedelta(days=each), name, like, hours)


def _of_file(text: str) -> Iterator[Day]:
    """Events of whole days; one whose name says that it is worked is."""
    try:
        events = [each for each in File.from_ical(text).walk("VEVENT") if each.get("DTSTART")]
    except ValueError:
        raise Invalid(N_("This is no calendar file that can be read."), key="text") from None
    for number, each in enumerate(events, 1):
        first = _date(each.get("DTSTART").dt)
        end = each.get("DTEND")
        last = _date(end.dt) - dt.timedelta(days=1) if end is not None else first
        yield from _stretch(number, first, max(first, last), *_said(str(each.get("SUMMARY", ""))))


def _date(value: dt.date | dt.datetime) -> dt.date:
    return value.date() if isinstance(value, dt.datetime) else value
