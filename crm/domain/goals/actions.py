"""Setting goals and taking them away."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select

from crm.domain.goals.events import GoalRemoved, GoalSet
from crm.domain.goals.measures import MEASURES
from crm.domain.goals.models import Goal
from crm.domain.goals.periods import start_of
from crm.domain.goals.queries import homes, of_whom
from crm.domain.goals.rights import may_set
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import plain, record
from crm.kernel.text import N_

_NOT_YOURS = N_("You may not set this goal.")


@dataclass(frozen=True)
class Wanted:
    """Of the company where neither a person nor a department is named; `day` is any day of the period."""

    measure: str
    period: str
    day: dt.date
    target: Decimal
    person_id: int | None = None
    department_id: int | None = None


def set_goal(actor: Actor, wanted: Wanted) -> Goal:
    """In the place of the one there was for the same period, measure and people."""
    _check(actor, wanted)
    starts_on = start_of(wanted.period, wanted.day)
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"goals of {starts_on}"))))
    goal = db.session.scalars(of_whom(wanted).filter_by(period=wanted.period, starts_on=starts_on)).first()
    before = goal.target if goal else None
    if goal is None:
        place = {"person_id": wanted.person_id, "department_id": wanted.department_id}
        goal = Goal(measure=wanted.measure, period=wanted.period, starts_on=starts_on, **place)
        db.session.add(goal)
    if before == wanted.target:
        return goal
    goal.target, goal.set_by_id, goal.set_at = wanted.target, actor.id, clock.now()
    changes = {"target": [plain(before), plain(wanted.target)]}
    record(
        actor, goal, GoalSet(wanted.measure, wanted.period, str(starts_on), goal.person_id, goal.department_id, changes)
    )
    return goal


def remove_goal(actor: Actor, goal: Goal) -> None:
    if not may_set(actor, goal, goal.measure, homes({goal.person_id})):
        raise RuleBroken(_NOT_YOURS)
    place = (goal.measure, goal.period, str(goal.starts_on), goal.person_id, goal.department_id)
    record(actor, goal, GoalRemoved(*place, str(goal.target)))
    db.session.delete(goal)


def _check(actor: Actor, wanted: Wanted) -> None:
    if wanted.measure not in MEASURES:
        raise Invalid(N_("Choose what is measured."), key="measure")
    if wanted.person_id is not None and wanted.department_id is not None:
        raise Invalid(N_("A goal is for a person or for a department, not for both."), key="person")
    if not 0 < wanted.target < Decimal(10) ** 13:
        raise Invalid(N_("A goal is greater than nothing."), key="target")
    if not may_set(actor, wanted, wanted.measure, homes({wanted.person_id})):
        raise RuleBroken(_NOT_YOURS)
