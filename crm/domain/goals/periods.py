"""Months, quarters and years: when one begins, ends, and comes next."""

import datetime as dt

from crm.kernel.errors import Invalid
from crm.kernel.text import N_

MONTHS = {"month": 1, "quarter": 3, "year": 12}
LABELS = {"month": N_("Month"), "quarter": N_("Quarter"), "year": N_("Year")}


def start_of(period: str, day: dt.date) -> dt.date:
    if period not in MONTHS:
        raise Invalid(N_("A goal is for a month, a quarter or a year."))
    many = MONTHS[period]
    return day.replace(month=(day.month - 1) // many * many + 1, day=1)


def moved(period: str, start: dt.date, by: int) -> dt.date:
    """The start of the period so many after this one; negative: before."""
    months = start.year * 12 + start.month - 1 + by * MONTHS[period]
    return dt.date(months // 12, months % 12 + 1, 1)


def end_of(period: str, start: dt.date) -> dt.date:
    """The day after the last."""
    return moved(period, start, 1)


def share_gone(period: str, start: dt.date, today: dt.date) -> float:
    """How much of it is over by the end of today, 0 to 1."""
    end = end_of(period, start)
    return min(1.0, max(0.0, ((today - start).days + 1) / (end - start).days))
