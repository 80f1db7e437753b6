from dataclasses import dataclass

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class JobAskedAgain(Fact):
    name = "system.job_again"
    sentence = N_("had failed work done again: %(job)s")
    icon = "undo-2"

    job: str
    changes: dict[str, list[int]]


@dataclass(frozen=True)
class JobFailuresForgotten(Fact):
    name = "system.job_forgotten"
    sentence = N_("put failures of work aside: %(job)s")
    icon = "check"

    job: str
    changes: dict[str, list[int]]
