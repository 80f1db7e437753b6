"""The clock against a model that looks at the wall each minute, over zones that change their clocks."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.domain.sla.clock import LATE, MET, MISSED, PAUSED, RUNNING, Clock
from crm.domain.sla.worktime import ALWAYS, Calendar
from tests.domain.sla import model

# Zone → days around which its clocks are changed; Apia had no 30 December 2011, Lord Howe moves by half an hour.
ZONES = {
    "Europe/Berlin": [dt.date(2026, 3, 29), dt.date(2026, 10, 25)],
    "America/New_York": [dt.date(2026, 3, 8), dt.date(2026, 11, 1)],
    "Australia/Lord_Howe": [dt.date(2026, 4, 5), dt.date(2026, 10, 4)],
    "Pacific/Apia": [dt.date(2011, 12, 30), dt.date(2012, 4, 1)],
    "America/Havana": [dt.date(2026, 3, 8), dt.date(2026, 11, 1)],  # at midnight
    "Asia/Shanghai": [dt.date(2026, 2, 14), dt.date(2026, 10, 10)],
}
OFFICE = ((540, 720), (780, 1080))  # 9 to 12 and 13 to 18
WEEK = (OFFICE,) * 5 + ((), ())
QUICK = settings(max_examples=150, deadline=None)


def at(text, zone="Asia/Shanghai"):
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)


@st.composite
def spans(draw):
    """None, one, two or all of a day; some over the hours at which clocks are changed."""
    ends = sorted(draw(st.sets(st.integers(0, 96).map(lambda each: each * 15), max_size=4)))
    return tuple(zip(ends[::2], ends[1::2], strict=False))


@st.composite
def calendars(draw, zone, around):
    days = st.integers(-4, 6).map(lambda each: around + dt.timedelta(days=each))
    return Calendar(zone, tuple(draw(spans()) for _ in range(7)), draw(st.dictionaries(days, spans(), max_size=4)))


@st.composite
def cases(draw):
    """A calendar, a start near a change of clocks, minutes needed, pauses in order, some of them side by side."""
    zone = draw(st.sampled_from(sorted(ZONES)))
    around = draw(st.sampled_from(ZONES[zone]))
    calendar = draw(calendars(zone, around))
    day = dt.datetime.combine(around, dt.time(), dt.UTC)
    start = day + dt.timedelta(minutes=draw(st.integers(-3 * 1440, 1440)))
    ends = sorted(draw(st.lists(st.integers(-60, 5 * 1440), max_size=6)))
    moments = [start + dt.timedelta(minutes=each) for each in ends]
    pauses = list(zip(moments[::2], [*moments[1::2], None], strict=False))
    return calendar, start, draw(st.integers(0, 1500)), pauses, around


@QUICK
@given(cases(), st.integers(0, 6 * 1440))
def test_what_counts_is_what_the_wall_shows(case, length):
    calendar, start, needed, _, _ = case
    end = start + dt.timedelta(minutes=length)
    assert calendar.between(start, end) == dt.timedelta(minutes=model.used(calendar, start, end))
    assert calendar.between(end, start) == dt.timedelta()
    due = model.due(calendar, start, needed)
    if due is not None:
        assert calendar.due(start, dt.timedelta(minutes=needed)) == due


@QUICK
@given(cases(), st.integers(1, 200), st.integers(0, 6 * 1440), st.integers(0, 59))
def test_a_clock_with_pauses_is_what_the_wall_shows(case, percent, later, seconds):
    calendar, start, needed, pauses, _ = case
    now = start + dt.timedelta(minutes=later)
    one = Clock(calendar, dt.timedelta(minutes=needed), start, pauses)
    assert one.used(now) == dt.timedelta(minutes=model.used(calendar, start, now, pauses))
    due = model.due(calendar, start, needed, pauses)
    if due is not None:
        assert one.due == due
        assert one.used(due) == one.target
        assert (one.state(now) == LATE) == (due < now)
        share = one.moment(percent)
        assert (share is not None and share <= due) if percent <= 100 else (share is None or share >= due)
    exact = start + dt.timedelta(seconds=seconds)  # within a minute, too, nothing is lost or found
    assert calendar.between(start, exact) + calendar.between(exact, now) == calendar.between(start, now) or exact > now


@QUICK
@given(cases(), st.data())
def test_another_calendar_makes_it_anew_as_if_it_had_always_been_so(case, data):
    """Nothing is carried over from the old one: hours added or taken away count from the start."""
    calendar, start, needed, pauses, around = case
    day = around + dt.timedelta(days=data.draw(st.integers(-3, 3)))
    changed = Calendar(calendar.zone, calendar.week, {**calendar.days, day: data.draw(spans())})
    due = model.due(changed, start, needed, pauses)
    if due is not None:
        assert Clock(changed, dt.timedelta(minutes=needed), start, pauses).due == due


@QUICK
@given(cases(), st.integers(0, 6 * 1440))
def test_what_is_done_stands_still(case, length):
    calendar, start, needed, pauses, _ = case
    end = start + dt.timedelta(minutes=length)
    done = Clock(calendar, dt.timedelta(minutes=needed), start, pauses, end)
    before = [(begin, stop) for begin, stop in pauses if begin < end]
    due = model.due(calendar, start, needed, before)
    if due is not None:
        assert done.due == due
    for now in (end, end + dt.timedelta(days=300)):
        assert done.used(now) == dt.timedelta(minutes=model.used(calendar, start, end, pauses))
        assert done.state(now) == (MISSED if done.due is not None and done.due < end else MET)


class TestByHand:
    closed = {dt.date(2026, 10, each): () for each in range(1, 8)}
    china = Calendar("Asia/Shanghai", WEEK, closed | {dt.date(2026, 10, 10): OFFICE})

    def test_a_holiday_and_a_saturday_that_is_worked(self):
        assert self.china.due(at("2026-09-30 17:00"), dt.timedelta(hours=2)) == at("2026-10-08 10:00")
        assert self.china.due(at("2026-10-09 17:00"), dt.timedelta(hours=2)) == at("2026-10-10 10:00")
        assert self.china.due(at("2026-10-10 17:00"), dt.timedelta(hours=2)) == at("2026-10-12 10:00")
        assert self.china.between(at("2026-09-30 00:00"), at("2026-10-12 00:00")) == dt.timedelta(hours=4 * 8)

    def test_an_hour_shown_twice_counts_twice_and_one_never_shown_not_at_all(self):
        night = Calendar("Europe/Berlin", (((120, 240),),) * 7)
        begin = at("2026-10-24 23:00", "Europe/Berlin")
        assert night.between(begin, begin + dt.timedelta(hours=10)) == dt.timedelta(hours=3)
        begin = at("2026-03-28 23:00", "Europe/Berlin")
        assert night.between(begin, begin + dt.timedelta(hours=10)) == dt.timedelta(hours=1)

    def test_a_day_that_never_was(self):
        apia = Calendar("Pacific/Apia", WEEK[:5] + (OFFICE, OFFICE))
        thursday = at("2011-12-29 17:00", "Pacific/Apia")
        assert apia.due(thursday, dt.timedelta(hours=2)) == at("2011-12-31 10:00", "Pacific/Apia")

    def test_what_never_opens_is_never_due(self):
        assert Calendar("UTC", ((),) * 7).due(at("2026-01-01 00:00"), dt.timedelta(minutes=1)) is None

    def test_while_it_waits_for_the_customer_it_has_no_limit(self):
        start = at("2026-11-02 09:00")
        pause = (start + dt.timedelta(hours=1), None)
        one = Clock(ALWAYS, dt.timedelta(hours=4), start, [pause])
        assert (one.due, one.state(start + dt.timedelta(days=9))) == (None, PAUSED)
        assert one.used(start + dt.timedelta(days=9)) == dt.timedelta(hours=1)
        late = Clock(ALWAYS, dt.timedelta(minutes=30), start, [pause])
        assert late.state(start + dt.timedelta(days=9)) == LATE

    @pytest.mark.parametrize(("hours", "state"), [(4, RUNNING), (5, LATE)])
    def test_the_limit_itself_is_in_time(self, hours, state):
        start = at("2026-11-02 09:00")
        assert Clock(ALWAYS, dt.timedelta(hours=4), start).state(start + dt.timedelta(hours=hours)) == state


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "UTC"])
def test_at_the_ends_of_the_calendar_nothing_is_due_and_nothing_breaks(zone):
    calendar = Calendar(zone, WEEK)
    first, last = dt.datetime.min.replace(tzinfo=dt.UTC), dt.datetime.max.replace(tzinfo=dt.UTC)
    for start in (last, last - dt.timedelta(days=2)):
        assert calendar.due(start, dt.timedelta(days=3)) is None
        assert Clock(ALWAYS, dt.timedelta(days=9), start).state(last) == RUNNING
    assert calendar.between(first, first + dt.timedelta(days=10)) > dt.timedelta()
