"""What administrators do to promises and calendars, as the log tells it."""

from dataclasses import dataclass
from typing import Any

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class SlaPolicyChanged(Fact):
    name = "sla_policy.changed"
    sentence = N_("changed the promise “%(title)s”")
    icon = "settings"

    title: str
    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class CalendarChanged(Fact):
    """`changes` of its name, zone and hours, of its days by date, or of where it counts."""

    name = "calendar.changed"
    sentence = N_("changed the calendar “%(title)s”")
    icon = "calendar"

    title: str
    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class SlaWaits(Fact):
    """All tickets that are not done are to be reckoned anew."""

    name = "sla.waits"
    sentence = N_("had all open %(tickets)s reckoned anew")
    icon = "clock"
