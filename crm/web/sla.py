"""How what is promised about tickets stands now, in words: “Answer due in 2 h 10 min”, “Solution late by 35 min”."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from crm.domain.sla.clock import LATE, MET, MISSED, PAUSED, RUNNING, Clock
from crm.domain.sla.promises import RESPONSE, SOLUTION
from crm.domain.tickets.clocks import Standing, standings
from crm.domain.tickets.models import Ticket
from crm.infra import clock
from crm.kernel.access import Actor, FieldRight
from crm.kernel.text import N_
from crm.web.formats import instant, moment
from crm.web.i18n import gettext

NEAR = 80  # percent, from where on it is shown that time is short
_HOUR, _DAY = 60, 24 * 60
_FIELDS = {RESPONSE: "respond_due", SOLUTION: "solve_due"}
_WORDS = {
    (RESPONSE, RUNNING): N_("Answer due in %(time)s"),
    (RESPONSE, LATE): N_("Answer late by %(time)s"),
    (RESPONSE, PAUSED): N_("Answer paused, %(time)s left"),
    (RESPONSE, MET): N_("Answered in time"),
    (RESPONSE, MISSED): N_("Answered %(time)s late"),
    (SOLUTION, RUNNING): N_("Solution due in %(time)s"),
    (SOLUTION, LATE): N_("Solution late by %(time)s"),
    (SOLUTION, PAUSED): N_("Solution paused, %(time)s left"),
    (SOLUTION, MET): N_("Solved in time"),
    (SOLUTION, MISSED): N_("Solved %(time)s late"),
}
_TONES = {RUNNING: "info", LATE: "bad", PAUSED: "", MET: "ok", MISSED: "bad"}


@dataclass(frozen=True)
class ClockView:
    """`percent` are used of the time, 100 at most; `exact` is when it is due, and empty while nobody can say."""

    key: str
    state: str
    words: str
    tone: str
    percent: int
    iso: str
    exact: str

    @property
    def over(self) -> bool:
        return self.state in (MET, MISSED)


def clocks(actor: Actor, tickets: Collection[Ticket]) -> Mapping[int, list[ClockView]]:
    """Of tickets the actor can see: the clocks of each, without those whose field is kept from the actor."""
    shown = [key for key, field in _FIELDS.items() if actor.right_to("tickets", field) >= FieldRight.READ]
    found = standings([each.id for each in tickets]) if shown and tickets else []
    return {each.ticket.id: [_view(each, key) for key in shown if key in each.clocks] for each in found}


def next_of(views: Collection[ClockView]) -> ClockView | None:
    """What stands beside a ticket in a queue: of what is not over the one that is due first."""
    open_ = [each for each in views if not each.over]
    return min(open_, key=lambda each: (not each.iso, each.iso), default=None)


def _view(standing: Standing, key: str) -> ClockView:
    one, now = standing.clocks[key], clock.now()
    state, due = one.state(now), one.due
    percent = min(100, int(100 * (one.used(now) / one.target)))
    tone = "warn" if state == RUNNING and percent >= NEAR else _TONES[state]
    words = gettext(_WORDS[key, state], time=_time(one, state, due, now))
    return ClockView(key, state, words, tone, percent, instant(due) if due else "", moment(due) if due else "")


def _time(one: Clock, state: str, due: dt.datetime | None, now: dt.datetime) -> str:
    """Until it is due or since it was, by the clock on the wall; of what pauses what is left of its hours."""
    if due is None:
        return span(one.target - one.used(now))
    return span(due - now if state in (RUNNING, PAUSED) else (one.end or now) - due)


def span(time: dt.timedelta) -> str:
    """In its two largest units; what is less than a minute is one."""
    minutes = max(1, round(abs(time).total_seconds() / 60))
    if minutes < _HOUR:
        return gettext(N_("%(minutes)s min"), minutes=minutes)
    if minutes < _DAY:
        hours, rest = divmod(minutes, _HOUR)
        words = N_("%(hours)s h %(minutes)s min") if rest else N_("%(hours)s h")
        return gettext(words, hours=hours, minutes=rest)
    days, rest = divmod(minutes, _DAY)
    words = N_("%(days)s d %(hours)s h") if rest >= _HOUR else N_("%(days)s d")
    return gettext(words, days=days, hours=rest // _HOUR)
