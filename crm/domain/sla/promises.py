"""The policies and calendars as one version of the shape has them, and which of them counts for what."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from crm.domain.people.queries import departments
from crm.domain.sla.models import BusinessCalendar, CalendarDay, CalendarUse, SlaPolicy
from crm.domain.sla.worktime import ALWAYS, Calendar, Spans
from crm.infra.db import db
from crm.kernel import shape
from crm.kernel.company import company

RESPONSE, SOLUTION = CLOCKS = ("response", "solution")
OWNER, HEAD, PERSON = TELL = ("owner", "head", "person")


@dataclass(frozen=True)
class Step:
    """When `percent` of the time of `clock` are used: whom to tell, and whether it becomes more urgent."""

    clock: str
    percent: int
    tell: str
    person_id: int | None = None
    raises: bool = False

    def packed(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Policy:
    id: int
    name: str
    types: frozenset[str]
    priorities: frozenset[str]
    levels: frozenset[str]
    targets: Mapping[str, dt.timedelta]  # by clock; what is not in it is not promised
    in_hours: bool
    steps: tuple[Step, ...]
    since: dt.datetime

    def fits(self, type_: str, priority: str, level: str | None) -> bool:
        return (
            (not self.types or type_ in self.types)
            and (not self.priorities or priority in self.priorities)
            and (not self.levels or level in self.levels)
        )


@dataclass(frozen=True, eq=False)
class Promises:
    policies: Sequence[Policy]  # the active ones, from the top
    calendars: Mapping[int | None, Calendar]  # of each department, and of whoever has none

    def of(self, type_: str, priority: str, level: str | None) -> Policy | None:
        return next((each for each in self.policies if each.fits(type_, priority, level)), None)

    def calendar(self, policy: Policy, department_id: int | None) -> Calendar:
        if not policy.in_hours:
            return ALWAYS
        return self.calendars.get(department_id, self.calendars[None])


def promises() -> Promises:
    """As they are now, in the transaction under way."""
    return _kept(db.session.scalar(select(shape.version())) or 0, company.timezone)


@lru_cache(8)
def _kept(version: int, zone: str) -> Promises:
    return Promises([_policy(each) for each in policies() if each.active], _of_departments(zone))


def policies() -> list[SlaPolicy]:
    there = select(SlaPolicy).where(SlaPolicy.retired_at.is_(None))
    return list(db.session.scalars(there.order_by(SlaPolicy.position, SlaPolicy.id)))


def _policy(row: SlaPolicy) -> Policy:
    minutes = {RESPONSE: row.respond_minutes, SOLUTION: row.solve_minutes}
    return Policy(
        row.id,
        row.name,
        frozenset(row.types),
        frozenset(row.priorities),
        frozenset(row.levels),
        {clock: dt.timedelta(minutes=each) for clock, each in minutes.items() if each is not None},
        row.in_hours,
        tuple(Step(**each) for each in row.steps),
        row.since,
    )


def all_calendars() -> list[BusinessCalendar]:
    there = select(BusinessCalendar).where(BusinessCalendar.retired_at.is_(None))
    return list(db.session.scalars(there.order_by(BusinessCalendar.id)))


def uses() -> dict[int | None, int]:
    """Department → calendar, as it is said."""
    return {each.department_id: each.calendar_id for each in db.session.scalars(select(CalendarUse))}


def everywhere(known: Sequence[BusinessCalendar], zone: str) -> int | None:
    """Where nobody has said: the first of the company's own time zone, else the first that goes by whatever it is."""
    return next((each.id for wanted in (zone, "") for each in known if each.zone == wanted), None)


def _of_departments(zone: str) -> Mapping[int | None, Calendar]:
    rows, said = all_calendars(), uses()
    days: dict[int, dict[dt.date, CalendarDay]] = {}
    for each in db.session.scalars(select(CalendarDay)):
        days.setdefault(each.calendar_id, {})[each.day] = each
    made = {row.id: _calendar(row, days.get(row.id, {}), zone) for row in rows}
    usual = said.get(None, everywhere(rows, zone))
    found: dict[int | None, Calendar] = {None: made.get(usual or 0, ALWAYS)}
    for department in departments():  # by path: those above come first
        above = found.get(department.parent_id, found[None])
        found[department.id] = made.get(said.get(department.id, 0), above)
    return found


def _calendar(row: BusinessCalendar, days: Mapping[dt.date, CalendarDay], zone: str) -> Calendar:
    week = tuple(spans(each) for each in row.week)
    own = {day: week[each.like] if each.like is not None else spans(each.hours) for day, each in days.items()}
    return Calendar(row.zone or zone, week, own)


def spans(packed: Sequence[Sequence[int]]) -> Spans:
    return tuple((start, end) for start, end in packed)
