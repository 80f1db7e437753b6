"""Stretches of days that move with the day they are asked for: today, this month, the last 30 days."""

import datetime as dt
import re

from crm.kernel.errors import Invalid
from crm.kernel.text import N_

NAMED = {
    "today": N_("today"),
    "yesterday": N_("yesterday"),
    "this_week": N_("this week"),
    "this_month": N_("this month"),
    "last_month": N_("last month"),
    "this_year": N_("this year"),
    "before_today": N_("before today"),
}
OFFERED = (*NAMED, "last_7_days", "last_30_days", "last_90_days", "next_7_days", "next_30_days")
_COUNTED = re.compile(r"(last|next)_([1-9]\d{0,3})_days")
_WORDS = {"last": N_("the last %(days)s days"), "next": N_("the next %(days)s days")}


def days_of(period: str, today: dt.date) -> tuple[dt.date, dt.date]:
    """The first day and the day after the last; “the last” and “the next” days have today among them."""
    if found := _COUNTED.fullmatch(period):
        many = dt.timedelta(days=int(found[2]))
        day = dt.timedelta(days=1)
        return (today + day - many, today + day) if found[1] == "last" else (today, today + many)
    if period not in NAMED:
        raise Invalid(N_("“%(value)s” is not a period such as last_30_days."), value=period[:60])
    return _named(today)[period]


def _named(today: dt.date) -> dict[str, tuple[dt.date, dt.date]]:
    day = dt.timedelta(days=1)
    monday, first = today - today.weekday() * day, today.replace(day=1)
    next_month = (first + 31 * day).replace(day=1)
    return {
        "today": (today, today + day),
        "yesterday": (today - day, today),
        "this_week": (monday, monday + 7 * day),
        "this_month": (first, next_month),
        "last_month": ((first - day).replace(day=1), first),
        "this_year": (today.replace(month=1, day=1), today.replace(year=today.year + 1, month=1, day=1)),
        "before_today": (dt.date(1, 1, 2), today),  # the day before the first would be none in some time zones
    }


def words_of(period: str) -> tuple[str, dict[str, int]]:
    """A gettext id and what fills it."""
    if found := _COUNTED.fullmatch(period):
        return _WORDS[found[1]], {"days": int(found[2])}
    return NAMED.get(period, period), {}
