from dataclasses import dataclass
from typing import Any

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class GoalSet(Fact):
    """`changes` is {"target": [before, after]}."""

    name = "goal.set"
    sentence = N_("set a goal")
    icon = "target"

    measure: str
    period: str
    starts_on: str
    person_id: int | None
    department_id: int | None
    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class GoalRemoved(Fact):
    name = "goal.removed"
    sentence = N_("removed a goal")
    icon = "trash-2"

    measure: str
    period: str
    starts_on: str
    person_id: int | None
    department_id: int | None
    target: str
