"""Administrators say which hours count, on which days not or besides, and where."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from crm.domain.people.models import Department
from crm.domain.sla import anew
from crm.domain.sla.days import LONGEST_NAME, Day, hours_text
from crm.domain.sla.events import CalendarChanged
from crm.domain.sla.models import BusinessCalendar, CalendarDay, CalendarUse
from crm.domain.sla.policies import take_turns
from crm.domain.sla.promises import all_calendars
from crm.domain.sla.worktime import Spans
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import record
from crm.kernel.overtaken import refuse_overtaken
from crm.kernel.text import N_, clean

MOST = 100
_FIRST, _LAST = dt.date(2000, 1, 1), dt.date(2099, 12, 31)


def save(
    actor: Actor,
    calendar: BusinessCalendar | None,
    *,
    name: str,
    zone: str,
    week: Sequence[Spans],
    seen: int | None = None,
) -> BusinessCalendar:
    """`zone` empty is the company's. Raises Invalid and keeps nothing. Conflict, here and below, where the version of
    the calendar that was `seen` is not the last."""
    _take_turn(calendar, seen)
    name = clean(name)
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(N_("A calendar needs a name of at most %(most)s characters."), most=LONGEST_NAME, key="name")
    if zone and zone not in available_timezones():
        raise Invalid(N_("“%(value)s” is no time zone: write one like Asia/Shanghai."), value=zone[:60], key="zone")
    if not any(week):
        raise Invalid(N_("Give hours to at least one day of the week."), key="week-0")
    if calendar is None:
        if len(all_calendars()) >= MOST:
            raise Invalid(N_("There are %(most)s calendars already."), most=MOST)
        calendar = BusinessCalendar(name="", zone="", week=[[]] * 7, version=0)
        db.session.add(calendar)
    after = {"name": name, "zone": zone, "week": [[list(span) for span in each] for each in week]}
    before = {key: getattr(calendar, key) for key in after}
    if before != after:
        for key, value in after.items():
            setattr(calendar, key, value)
        told = {key: [_told(before[key]), _told(after[key])] for key in after if before[key] != after[key]}
        _changed(actor, calendar, told)
    return calendar


def _told(value: Any) -> Any:
    return [hours_text(each) for each in value] if isinstance(value, list) else value


def put_days(actor: Actor, calendar: BusinessCalendar, days: Sequence[Day], *, seen: int | None = None) -> int:
    """Days that are there already become as they are here. Returns how many differ."""
    _take_turn(calendar, seen)
    _refuse_far(days)
    there = {each.day: each for each in days_of(calendar)}
    new = [each for each in days if each.day not in there or _packed(there[each.day]) != each]
    if new:
        rows = [{"calendar_id": calendar.id, **_row(each)} for each in new]
        statement = insert(CalendarDay).values(rows)
        kept = {key: statement.excluded[key] for key in ("name", "like", "hours")}
        put = statement.on_conflict_do_update(index_elements=["calendar_id", "day"], set_=kept)
        db.session.execute(put.execution_options(synchronize_session=False))
        db.session.expire_all()
        before = [[said(there[each.day]) if each.day in there else None, said(each)] for each in new]
        _changed(actor, calendar, {each.day.isoformat(): pair for each, pair in zip(new, before, strict=True)})
    return len(new)


def _refuse_far(days: Sequence[Day]) -> None:
    for each in days:
        if not _FIRST <= each.day <= _LAST:
            raise Invalid(
                N_("The day %(day)s is too far away: is the year right?"), day=each.day.isoformat(), key="day"
            )


def remove_days(
    actor: Actor, calendar: BusinessCalendar, first: dt.date, last: dt.date, *, seen: int | None = None
) -> None:
    """From the first to the last each is like its weekday again."""
    _take_turn(calendar, seen)
    gone = [each for each in days_of(calendar) if first <= each.day <= last]
    if gone:
        changes: dict[str, list[Any]] = {each.day.isoformat(): [said(each), None] for each in gone}
        for each in gone:
            db.session.delete(each)
        _changed(actor, calendar, changes)


def copy_year(actor: Actor, calendar: BusinessCalendar, year: int) -> int:
    """The same dates of the next year; what is said of one there already stays. Returns how many are new."""
    _take_turn(calendar)
    there = {each.day for each in days_of(calendar)}
    new = []
    for each in days_of(calendar, year):
        try:
            day = each.day.replace(year=year + 1)
        except ValueError:  # 29 February
            continue
        if day not in there:
            new.append(Day(day, each.name, each.like, _packed(each).hours))
    return put_days(actor, calendar, new)


def use(
    actor: Actor, calendar: BusinessCalendar, department_ids: Sequence[int | None], *, seen: int | None = None
) -> None:
    """It counts for exactly these departments and all below them; None: everywhere where no other does."""
    _take_turn(calendar, seen)
    wanted = set(department_ids)
    known = set(db.session.scalars(select(Department.id)))
    if not (wanted - {None}) <= known:
        raise Invalid(N_("One of these departments does not exist."), key="departments")
    rows = list(db.session.scalars(select(CalendarUse)))
    before = {each.department_id for each in rows if each.calendar_id == calendar.id}
    if before == wanted:
        return
    gone = [each for each in rows if each.calendar_id == calendar.id or each.department_id in wanted]
    for each in gone:
        db.session.delete(each)
    _count_up({each.calendar_id for each in gone} - {calendar.id})
    db.session.flush()
    db.session.add_all(CalendarUse(department_id=each, calendar_id=calendar.id) for each in wanted)
    db.session.flush()
    _changed(actor, calendar, {"departments": [_named(before), _named(wanted)]})


def _named(ids: set[int | None]) -> list[str]:
    return sorted(db.session.scalars(select(Department.name).where(Department.id.in_(ids)))) + ["*"] * (None in ids)


def retire(actor: Actor, calendar: BusinessCalendar) -> None:
    """The one above counts where it did. One always stays."""
    _take_turn(calendar)
    if len(all_calendars()) == 1:
        raise RuleBroken(N_("This is the only calendar: make another one first."))
    if calendar.retired_at is None:
        calendar.retired_at = clock.now()
        db.session.execute(delete(CalendarUse).where(CalendarUse.calendar_id == calendar.id))
        _changed(actor, calendar, {"retired": [False, True]})


def days_of(calendar: BusinessCalendar, year: int | None = None) -> list[CalendarDay]:
    theirs = select(CalendarDay).where(CalendarDay.calendar_id == calendar.id).order_by(CalendarDay.day)
    if year is not None:
        theirs = theirs.where(CalendarDay.day.between(dt.date(year, 1, 1), dt.date(year, 12, 31)))
    return list(db.session.scalars(theirs))


def _packed(row: CalendarDay) -> Day:
    return Day(row.day, row.name, row.like, tuple((start, end) for start, end in row.hours))


def _row(day: Day) -> dict[str, Any]:
    return {"day": day.day, "name": day.name, "like": day.like, "hours": [list(span) for span in day.hours]}


def said(day: Day | CalendarDay) -> str:
    """In the log: what it is called, and its hours, the weekday it is like, or nothing."""
    return " ".join(filter(None, (day.name, f"={day.like + 1}" if day.like is not None else hours_text(day.hours))))


def _take_turn(calendar: BusinessCalendar | None, seen: int | None = None) -> None:
    take_turns()
    if calendar is not None and seen is not None:
        refuse_overtaken(calendar, seen)
    elif calendar is not None:
        db.session.refresh(calendar)  # as whoever had their turn before has left it: its version is counted on


def _count_up(ids: set[int]) -> None:
    """Of what has lost a department to another calendar."""
    changed = update(BusinessCalendar).where(BusinessCalendar.id.in_(ids))
    db.session.execute(changed.values(version=BusinessCalendar.version + 1))


def _changed(actor: Actor, calendar: BusinessCalendar, changes: dict[str, list[Any]]) -> None:
    calendar.version += 1
    record(actor, calendar, CalendarChanged(calendar.name, changes))
    anew.ask(actor)
