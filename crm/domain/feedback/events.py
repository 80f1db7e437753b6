from dataclasses import dataclass
from typing import Any

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class FeedbackGiven(Fact):
    """What was said stands with the feedback alone."""

    name = "feedback.given"
    sentence = N_("said something about the program")
    icon = "message-square"


@dataclass(frozen=True)
class FeedbackAnswered(Fact):
    name = "feedback.answered"
    sentence = N_("answered what was said about the program")
    icon = "message-square"

    changes: dict[str, list[Any]]
