"""Dates, times and counts in the reader's language. Cached: Babel's formatting is slow and pages repeat it."""

import datetime as dt
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_skeleton, get_day_names
from babel.numbers import format_currency, format_decimal

from crm.infra import clock
from crm.kernel.company import company
from crm.kernel.fields import NO_CURRENCY
from crm.kernel.language import reading
from crm.kernel.pages import Count
from crm.kernel.text import N_
from crm.web.i18n import gettext


@lru_cache(4096)
def _date(value: dt.date, locale: str) -> str:
    return format_date(value, "medium", locale=locale)


@lru_cache(4096)
def _moment(value: dt.datetime, timezone: str, locale: str) -> str:
    return format_datetime(value, "medium", tzinfo=ZoneInfo(timezone), locale=locale)


def date(value: dt.date) -> str:
    return _date(value, reading.get())


def day(value: dt.datetime) -> str:
    """The day of a moment, by the clock on the company's wall."""
    return date(value.astimezone(ZoneInfo(company.timezone)).date())


def moment(value: dt.datetime) -> str:
    """The exact time in the company's zone."""
    return _moment(value.replace(microsecond=0), company.timezone, reading.get())


def instant(value: dt.datetime) -> str:
    """The exact time for programs (`<time datetime>`), in whole seconds: nobody reads the rest."""
    return value.isoformat(timespec="seconds")


def ago(value: dt.datetime) -> str:
    """How long since, in one unit; after a month the date."""
    seconds = int((clock.now() - value).total_seconds())
    if seconds < 60:
        return gettext(N_("just now"))
    for size, limit, words in _UNITS:
        if seconds < limit:
            return gettext(words, n=seconds // size)
    return day(value)


_UNITS = (
    (60, 3600, N_("%(n)s min ago")),
    (3600, 86_400, N_("%(n)s h ago")),
    (86_400, 30 * 86_400, N_("%(n)s d ago")),
)


def number(value: int) -> str:
    return format_decimal(value, locale=reading.get())


@lru_cache(4096)
def _decimal(value: Decimal, locale: str) -> str:
    return format_decimal(value, locale=locale, decimal_quantization=False)


def decimal(value: Decimal) -> str:
    """With all the places it has."""
    return _decimal(value, reading.get())


@lru_cache(4096)
def _money(value: Decimal, currency: str, locale: str) -> str:
    if currency == NO_CURRENCY:
        return format_decimal(value, format="#,##0.00", locale=locale)
    return format_currency(value, currency, locale=locale)


def money(value: Decimal, currency: str) -> str:
    return _money(value, currency or "CNY", reading.get())


def count(value: Count) -> str:
    """A count that may have stopped at its cap: “10,000+”."""
    return number(value.number) + "+" if value.more else number(value.number)


def size(value: int) -> str:
    """Of a file, in a unit that people read."""
    if value < 1_048_576:
        return gettext(N_("%(n)s KB"), n=number(max(1, round(value / 1024))))
    if value < 1_073_741_824:
        return gettext(N_("%(n)s MB"), n=decimal(Decimal(value * 10 // 1_048_576) / 10))
    return gettext(N_("%(n)s GB"), n=decimal(Decimal(value * 10 // 1_073_741_824) / 10))


def duration(seconds: float) -> str:
    """How long something took, in the unit that people read it in."""
    if seconds < 1:
        return gettext(N_("%(n)s ms"), n=number(round(seconds * 1000)))
    if seconds < 120:
        return gettext(N_("%(n)s s"), n=decimal(Decimal(round(seconds * 10)) / 10))
    if seconds < 7200:
        return gettext(N_("%(n)s min"), n=number(round(seconds / 60)))
    return gettext(N_("%(n)s h"), n=number(round(seconds / 3600)))


@lru_cache(256)
def _skeleton(value: dt.date, skeleton: str, locale: str) -> str:
    return format_skeleton(skeleton, value, locale=locale)


def month(value: dt.date) -> str:
    """“November 2026”"""
    return _skeleton(value, "yMMMM", reading.get())


def short_month(value: dt.date, *, year: bool = False) -> str:
    """“Nov”, “Nov 2026”"""
    return _skeleton(value, "yMMM" if year else "MMM", reading.get())


def weekday(value: dt.date) -> str:
    """“Wed 25 November”"""
    return _skeleton(value, "MMMMEd", reading.get())


def weekdays() -> list[str]:
    """From Monday, short."""
    names = get_day_names("abbreviated", locale=reading.get())
    return [names[each] for each in range(7)]
