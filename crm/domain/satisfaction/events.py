"""What happens around the question whether somebody is content."""

from dataclasses import dataclass
from typing import Any

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class SurveyLinked(Fact):
    name = "satisfaction.linked"
    sentence = N_("made a link by which the %(customer)s can say how content they are")
    icon = "message-square"


@dataclass(frozen=True)
class SurveyMailed(Fact):
    name = "satisfaction.mailed"
    sentence = N_("asked the contact by mail how content they are")
    icon = "mail"


@dataclass(frozen=True)
class TicketRated(Fact):
    """What was said stands in `changes`, and is shown to whoever may read those fields."""

    name = "satisfaction.rated"
    sentence = N_("noted how content the %(customer)s is")
    icon = "target"

    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class SatisfactionRulesChanged(Fact):
    name = "satisfaction.rules_changed"
    sentence = N_("changed how %(customers)s are asked whether they are content")
    icon = "settings"

    changes: dict[str, list[Any]]
