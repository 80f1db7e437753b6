"""The clock as a child would have it: one look at the wall each minute."""

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo

MINUTE = dt.timedelta(minutes=1)


def counts(calendar, minute):
    """Whether the minute that begins then counts."""
    wall = _wall(calendar.zone, minute)
    spans = calendar.days.get(wall.date(), calendar.week[wall.weekday()])
    return any(start <= wall.hour * 60 + wall.minute < end for start, end in spans)


@lru_cache(100_000)
def _wall(zone, minute):
    return minute.astimezone(ZoneInfo(zone))


def paused(minute, pauses):
    return any(begin <= minute and (end is None or minute < end) for begin, end in pauses)


def used(calendar, start, end, pauses=()):
    """Minutes."""
    sum_, at = 0, start
    while at < end:
        sum_ += counts(calendar, at) and not paused(at, pauses)
        at += MINUTE
    return sum_


def due(calendar, start, minutes, pauses=(), most=9 * 1440):
    """The moment, or None within so many minutes."""
    at = start
    for _ in range(most):
        if minutes <= 0:
            return at
        minutes -= counts(calendar, at) and not paused(at, pauses)
        at += MINUTE
    return at if minutes <= 0 else None
