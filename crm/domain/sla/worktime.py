"""Hours that count: of a week in a time zone, with holidays and weekends that are worked. Pure.

A moment counts when the clock on the wall of that zone shows one of the day's hours. So of an hour that a clock put
back shows twice both count, and one that a clock put forward never shows counts nowhere. All is reckoned in whole
microseconds since 1970, a UTC day at a time, and each day once.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from zoneinfo import ZoneInfo

Span = tuple[int, int]
"""Minutes of a day, from 0 to 1440: [from, to)."""
Spans = tuple[Span, ...]

_SECOND, _MINUTE, _DAY = 1_000_000, 60_000_000, 86_400_000_000
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_FIRST = _EPOCH.date().toordinal()
_EARLIEST, _LATEST = dt.date.min.toordinal() - _FIRST, dt.date.max.toordinal() - _FIRST  # of which zones differ
_HORIZON = 3660  # days; what is not due within ten years is never due
_MOST_KEPT = 20_000  # days whose hours are remembered


@dataclass(frozen=True, eq=False)
class Calendar:
    """`week` has the hours of Monday to Sunday, `days` those of single dates instead; both sorted, without overlaps."""

    zone: str
    week: tuple[Spans, ...]
    days: Mapping[dt.date, Spans] = field(default_factory=dict)
    _kept: dict[int, tuple[int, Spans]] = field(default_factory=dict, repr=False)

    def hours_of(self, day: dt.date) -> Spans:
        return self.days.get(day, self.week[day.weekday()])

    def between(self, start: dt.datetime, end: dt.datetime) -> dt.timedelta:
        """How much of it counts; nothing where it ends before it starts."""
        first, last = _micro(start), _micro(end)
        sum_ = 0
        for day in range(first // _DAY, last // _DAY + 1) if first < last else ():
            all_, stretches = self._of(day)
            if first <= day * _DAY and last >= (day + 1) * _DAY:
                sum_ += all_
            else:
                sum_ += sum(max(0, min(last, to) - max(first, from_)) for from_, to in stretches)
        return dt.timedelta(microseconds=sum_)

    def due(self, start: dt.datetime, needed: dt.timedelta) -> dt.datetime | None:
        """The first moment at which so much has counted since; None: never."""
        first, left = _micro(start), needed // dt.timedelta(microseconds=1)
        if left <= 0:
            return start
        for day in range(first // _DAY, first // _DAY + _HORIZON):
            all_, stretches = self._of(day)
            if first <= day * _DAY and all_ < left:
                left -= all_
                continue
            for from_, to in stretches:
                begin = max(first, from_)
                if begin < to and left <= to - begin:
                    return _EPOCH + dt.timedelta(microseconds=begin + left)
                left -= max(0, to - begin)
        return None

    def _of(self, day: int) -> tuple[int, Spans]:
        """Of a UTC day since 1970: how much counts, and from when to when; nothing at the ends of the calendar."""
        if not _EARLIEST < day < _LATEST:
            return 0, ()
        kept = self._kept.get(day)
        if kept is None:
            if len(self._kept) > _MOST_KEPT:
                self._kept.clear()
            stretches = tuple(self._stretches(day))
            kept = self._kept[day] = sum(to - from_ for from_, to in stretches), stretches
        return kept

    def _stretches(self, day: int) -> Iterator[Span]:
        for begin, end, offset in _offsets(self.zone, day):
            for local in range((begin + offset) // _DAY, (end + offset - 1) // _DAY + 1):
                midnight = local * _DAY - offset
                for from_, to in self.hours_of(dt.date.fromordinal(_FIRST + local)):
                    first, last = max(begin, midnight + from_ * _MINUTE), min(end, midnight + to * _MINUTE)
                    if first < last:
                        yield first, last


ALWAYS = Calendar("UTC", (((0, 1440),),) * 7)
"""Round the clock."""


def _micro(moment: dt.datetime) -> int:
    return (moment - _EPOCH) // dt.timedelta(microseconds=1)


@lru_cache(20_000)
def _offsets(zone: str, day: int) -> Sequence[tuple[int, int, int]]:
    """The stretches of a UTC day with how far the zone is ahead in each: one, or two where its clocks are changed."""
    begin, end = day * _DAY, (day + 1) * _DAY
    before, after = _offset(zone, begin), _offset(zone, end - _SECOND)
    if before == after:
        return ((begin, end, before),)
    low, high = begin // _SECOND, end // _SECOND - 1
    while high - low > 1:  # changed after low, by high
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(zone, middle * _SECOND) == before else (low, middle)
    return ((begin, high * _SECOND, before), (high * _SECOND, end, after))


def _offset(zone: str, at: int) -> int:
    ahead = (_EPOCH + dt.timedelta(microseconds=at)).astimezone(ZoneInfo(zone)).utcoffset()
    assert ahead is not None
    return ahead // dt.timedelta(microseconds=1)
