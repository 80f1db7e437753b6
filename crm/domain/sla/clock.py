"""One promise about one ticket: when it is due, how much of it is used, how it stands. Computed, never ticked. Pure."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crm.domain.sla.worktime import Calendar

RUNNING, PAUSED, LATE, MET, MISSED = "running", "paused", "late", "met", "missed"
Pause = tuple[dt.datetime, dt.datetime | None]
"""From when to when nobody here was to act; the last one may be going on."""


@dataclass(frozen=True)
class Clock:
    """`pauses` are in the order of their beginnings; those after `end` count for nothing."""

    calendar: Calendar
    target: dt.timedelta
    start: dt.datetime
    pauses: Sequence[Pause] = ()
    end: dt.datetime | None = None  # when it was done

    def _running(self) -> Iterator[Pause]:
        """The stretches in which it runs, or would have gone on running."""
        at = self.start
        for begin, end in self.pauses:
            if self.end is not None and begin >= self.end:
                break
            if begin > at:
                yield at, begin
            if end is None:
                return
            at = max(at, end)
        yield at, None

    def moment(self, percent: int = 100) -> dt.datetime | None:
        """When so much of the target is used. None: not before it goes on, or never."""
        left = self.target * percent / 100
        if not left:
            return self.start
        for begin, end in self._running():
            if end is None:
                return self.calendar.due(begin, left)
            ran = self.calendar.between(begin, end)
            if ran >= left:
                return self.calendar.due(begin, left)
            left -= ran
        return None

    @property
    def due(self) -> dt.datetime | None:
        return self.moment()

    def used(self, now: dt.datetime) -> dt.timedelta:
        last = min(now, self.end) if self.end is not None else now
        ran = dt.timedelta()
        for begin, end in self._running():
            ran += self.calendar.between(begin, min(last, end) if end is not None else last)
        return ran

    def state(self, now: dt.datetime) -> str:
        due = self.due
        if self.end is not None:
            return MISSED if due is not None and self.end > due else MET
        if due is not None and due < now:
            return LATE
        return PAUSED if self.pauses and self.pauses[-1][1] is None else RUNNING
