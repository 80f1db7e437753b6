"""Who may see a goal and what was reached, and who may set it.

Both go by reach: one's own goals, those of one's department (of it and of its people), of it and those below, all; the
company's takes all. What a single colleague reached is shown only to whoever also reaches the records it counts.
"""

from collections.abc import Mapping
from typing import Protocol

from crm.domain.goals.measures import MEASURES, Measure
from crm.kernel.access import Actor, Reach
from crm.kernel.permissions import Permission


class Whose(Protocol):
    """A goal, or what is to become one."""

    @property
    def person_id(self) -> int | None: ...
    @property
    def department_id(self) -> int | None: ...


Homes = Mapping[int, int | None]  # person → their department


def may_see(actor: Actor, whose: Whose, measure: str, homes: Homes) -> bool:
    known = MEASURES.get(measure)
    if known is None or known.module not in actor.modules or not actor.may(known.needs):
        return False
    if not reaches(actor, Permission.GOALS_READ, whose, homes):
        return False
    return whose.person_id in (None, actor.id) or reaches(actor, known.needs, whose, homes)


def may_set(actor: Actor, whose: Whose, measure: str, homes: Homes) -> bool:
    known = MEASURES.get(measure)
    return known is not None and known.module in actor.modules and reaches(actor, Permission.GOALS_SET, whose, homes)


def may_list(actor: Actor, whose: Whose, measure: Measure, homes: Homes) -> bool:
    """Whether all the records that the number counts are there for the reader."""
    return bool(measure.listed) and reaches(actor, measure.needs, whose, homes)


def reaches(actor: Actor, permission: Permission, whose: Whose, homes: Homes) -> bool:
    reach = actor.reach_of(permission)
    if reach in (Reach.NONE, Reach.ALL):
        return reach is Reach.ALL
    departments = actor.departments(permission)
    if whose.person_id is not None:
        return whose.person_id == actor.id or homes.get(whose.person_id) in departments
    # Of a department with those below it: to reach the department alone is not enough for the records of all of them.
    return whose.department_id is not None and whose.department_id in departments
