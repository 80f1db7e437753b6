"""What can happen to a task, and to the address of somebody's calendar."""

from dataclasses import dataclass

from crm.domain.records.events import facts_of
from crm.kernel.events import Fact
from crm.kernel.text import N_

FACTS = facts_of("Task")


@dataclass(frozen=True)
class CalendarShared(Fact):
    name = "calendar.shared"
    sentence = N_("made a new secret address of their calendar")
    icon = "calendar"


@dataclass(frozen=True)
class CalendarRevoked(Fact):
    name = "calendar.revoked"
    sentence = N_("took back the secret address of their calendar")
    icon = "calendar"
