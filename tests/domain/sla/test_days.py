"""Holidays as announced, and days as people paste them."""

import datetime as dt

import pytest

from crm.domain.sla import calendars
from crm.domain.sla.china import announced
from crm.domain.sla.days import Day, hours_text, read_days, read_hours
from crm.domain.sla.models import BusinessCalendar
from crm.domain.sla.promises import promises
from crm.infra.db import db
from crm.kernel.errors import Invalid

ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//EN
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20270211
DTEND;VALUE=DATE:20270214
SUMMARY:春节 放假
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART;VALUE=DATE:20270220
SUMMARY:春节（班）
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
def admin(cast):
    return cast.administrator.actor


@pytest.fixture
def china(app):
    return next(each for each in calendars.all_calendars() if each.zone)


def test_china_is_as_the_state_council_announced_it(app):
    worked = sorted(each.day for each in announced() if each.worked)
    assert [f"{each:%Y-%m-%d}" for each in worked] == [
        *("2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11"),
        *("2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"),
    ]
    assert all(each.weekday() >= 5 for each in worked)
    off = [each.day for each in announced() if not each.worked]
    assert len(off) == len(set(off)) == 28 + 33
    calendar = promises().calendars[None]
    for day, hours in {
        dt.date(2026, 2, 14): 9,  # Saturdays that are worked
        dt.date(2026, 2, 28): 9,
        dt.date(2026, 2, 16): 0,
        dt.date(2026, 2, 24): 9,
        dt.date(2026, 9, 20): 9,
        dt.date(2026, 9, 19): 0,
        dt.date(2025, 10, 8): 0,
        dt.date(2025, 10, 9): 9,
    }.items():
        assert sum(end - start for start, end in calendar.hours_of(day)) == hours * 60, day


def test_hours_are_read_as_people_write_them():
    assert read_hours("13:00–18:00，9:00-12:00") == ((540, 720), (780, 1080))
    assert read_hours("00:00-24:00") == ((0, 1440),)
    assert read_hours("  ") == ()
    assert hours_text(((540, 720), (780, 1440))) == "09:00-12:00, 13:00-24:00"
    for text in ("9-18", "18:00-09:00", "09:00-12:00, 11:00-13:00", "09:70-10:00", "09:00-25:00", "all day"):
        with pytest.raises(Invalid):
            read_hours(text)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2026-10-01 National Day", [Day(dt.date(2026, 10, 1), "National Day")]),
        ("date,name\n2026/10/1,国庆节,休\n2026年10月10日 国庆节 上班", None),
        ("2026-10-01 ~ 2026-10-02; Golden week; closed", None),
        ("2026-12-24 Christmas Eve 09:00-13:00", [Day(dt.date(2026, 12, 24), "Christmas Eve", None, ((540, 780),))]),
        (ICS, None),
    ],
)
def test_days_are_read_from_lines_tables_and_calendar_files(text, days):
    expected = {
        "date": [Day(dt.date(2026, 10, 1), "国庆节"), Day(dt.date(2026, 10, 10), "国庆节", 0)],
        "2026": [Day(dt.date(2026, 10, each), "Golden week") for each in (1, 2)],
        "BEGI": [*(Day(dt.date(2027, 2, each), "春节") for each in (11, 12, 13)), Day(dt.date(2027, 2, 20), "春节", 0)],
    }
    assert read_days(text) == (days or expected[text[:4]])


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("2026-10-01 a\nsoon", 2),
        ("2026-13-01 a", 1),
        ("2026-10-01 to 2027-10-01 a", 1),
        ("", None),
        ("BEGIN:VCALENDAR", None),
    ],
)
def test_what_cannot_be_read_says_in_which_line(text, line):
    with pytest.raises(Invalid) as refused:
        read_days(text)
    assert refused.value.params.get("line") == line


def test_a_year_is_copied_where_nothing_is_said_yet(admin, china):
    assert calendars.copy_year(admin, china, 2026) == 39
    assert calendars.copy_year(admin, china, 2026) == 0
    calendars.remove_days(admin, china, dt.date(2027, 1, 1), dt.date(2027, 1, 1))
    calendars.put_days(admin, china, [Day(dt.date(2027, 1, 2), "Own", None, ((600, 720),))])
    assert calendars.copy_year(admin, china, 2026) == 1
    assert {each.day: each.name for each in calendars.days_of(china, 2027)}[dt.date(2027, 1, 2)] == "Own"
    with pytest.raises(Invalid):
        calendars.put_days(admin, china, [Day(dt.date(1026, 1, 2), "Long ago")])


def test_a_worked_weekend_follows_the_week(admin, china):
    calendars.save(admin, china, name="China", zone="Asia/Shanghai", week=[((600, 720),)] * 5 + [()] * 2)
    assert promises().calendars[None].hours_of(dt.date(2026, 10, 10)) == ((600, 720),)
    assert db.session.get(BusinessCalendar, china.id).week[0] == [[600, 720]]
