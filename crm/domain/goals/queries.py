"""Reading goals, and how far each is."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, and_, or_, select

from crm.domain.goals.measures import MEASURES, Measure, Part, parts, together
from crm.domain.goals.models import Goal
from crm.domain.goals.periods import LABELS, end_of, start_of
from crm.domain.goals.rights import Homes, Whose, may_see
from crm.domain.people.models import Department, Person
from crm.infra.db import db
from crm.kernel.access import Actor

HISTORY = 12


@dataclass(frozen=True)
class Reached:
    goal: Goal
    measure: Measure
    reached: Decimal

    @property
    def percent(self) -> int:
        return int(self.reached * 100 / self.goal.target)


def of_whom(whose: Any) -> Select[Goal]:
    """All goals of the same people by the same measure."""
    place = {key: getattr(whose, key) for key in ("measure", "person_id", "department_id")}
    return select(Goal).filter_by(**place)


def goals_of(actor: Actor, period: str, starts_on: dt.date) -> list[Goal]:
    """Those of one period that the actor may see: the company's, departments' from the top, people's by name."""
    statement = (
        select(Goal, Person.department_id.label("home"))
        .outerjoin(Person, Person.id == Goal.person_id)
        .outerjoin(Department, Department.id == Goal.department_id)
        .where(Goal.period == period, Goal.starts_on == starts_on)
        .order_by(Goal.person_id.is_not(None), Department.path.nulls_first(), Person.name, Goal.person_id, Goal.measure)
    )
    rows = db.session.execute(statement).all()
    known = {goal.person_id: home for goal, home in rows if goal.person_id is not None}
    return [goal for goal, _ in rows if may_see(actor, goal, goal.measure, known)]


def running(actor: Actor, day: dt.date, *, team: bool) -> list[Goal]:
    """Those of periods that `day` is in: the actor's own, or of the department they lead and those below it."""
    whose = Goal.department_id.in_(sorted(actor.branch)) if team else Goal.person_id == actor.id
    periods = [and_(Goal.period == each, Goal.starts_on == start_of(each, day)) for each in LABELS]
    found = db.session.scalars(select(Goal).where(whose, or_(*periods)).order_by(Goal.starts_on.desc(), Goal.id)).all()
    known = homes({each.person_id for each in found})
    return [each for each in found if may_see(actor, each, each.measure, known)]


def history(actor: Actor, goal: Goal) -> list[Goal]:
    """This and those before it, the newest first."""
    if not may_see(actor, goal, goal.measure, homes({goal.person_id})):
        return []
    earlier = of_whom(goal).where(Goal.period == goal.period, Goal.starts_on <= goal.starts_on)
    return list(db.session.scalars(earlier.order_by(Goal.starts_on.desc()).limit(HISTORY)))


def one_goal(actor: Actor, goal_id: int) -> Goal | None:
    goal = db.session.get(Goal, goal_id)
    return goal if goal and may_see(actor, goal, goal.measure, homes({goal.person_id})) else None


def reached(goals: Sequence[Goal]) -> list[Reached]:
    """How far each is, in their order: one question for each measure and period among them."""
    asked: dict[tuple[str, str, dt.date], list[Goal]] = {}
    for goal in goals:
        asked.setdefault((goal.measure, goal.period, goal.starts_on), []).append(goal)
    found: dict[int, Reached] = {}
    for (measure, period, start), some in asked.items():
        found |= _reached(MEASURES[measure], (start, end_of(period, start)), some)
    return [found[each.id] for each in goals]


def _reached(measure: Measure, days: tuple[dt.date, dt.date], goals: Sequence[Goal]) -> dict[int, Reached]:
    below = branches({each.department_id for each in goals if each.department_id is not None})
    owners = {each.person_id for each in goals if each.person_id is not None}
    all_ = any(each.person_id is None and each.department_id is None for each in goals)
    there = parts(measure, days, owners, set().union(*below.values()), all_=all_)
    return {
        goal.id: Reached(goal, measure, together(measure, (each for each in there if _counts(each, goal, below))))
        for goal in goals
    }


def _counts(part: Part, goal: Goal, below: dict[int, frozenset[int]]) -> bool:
    if goal.person_id is not None:
        return part.owner_id == goal.person_id
    return goal.department_id is None or part.department_id in below[goal.department_id]


def branches(departments: Collection[int]) -> dict[int, frozenset[int]]:
    """Department → itself and all below."""
    if not departments:
        return {}
    paths = db.session.execute(select(Department.id, Department.path)).all()
    of = {each: path for each, path in paths if each in departments}
    return {key: frozenset(id_ for id_, path in paths if path.startswith(start)) for key, start in of.items()}


def homes(people: Collection[int | None]) -> Homes:
    wanted = {each for each in people if each is not None}
    if not wanted:
        return {}
    return dict(db.session.execute(select(Person.id, Person.department_id).where(Person.id.in_(wanted))).all())


def people_of(whose: Whose) -> list[str]:
    """The addresses of those whose records a goal counts, as a list can be asked for them: open accounts."""
    statement = select(Person.email).where(Person.active).order_by(Person.email)
    if whose.department_id is not None:
        below = branches({whose.department_id})[whose.department_id]
        return list(db.session.scalars(statement.where(Person.department_id.in_(below))))
    return list(db.session.scalars(statement.where(Person.id == whose.person_id)))
