"""What can happen to rules of automation, and to the addresses they tell."""

from dataclasses import dataclass
from typing import Any

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class RuleMade(Fact):
    name = "automation_rule.made"
    sentence = N_("made the automation rule “%(title)s”")
    icon = "settings"

    title: str
    values: dict[str, Any]


@dataclass(frozen=True)
class RuleChanged(Fact):
    """`changes` is {what: [before, after]}; `version` the one it has now."""

    name = "automation_rule.changed"
    sentence = N_("changed the automation rule “%(title)s”")
    icon = "pencil"

    title: str
    version: int
    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class RuleSwitched(Fact):
    name = "automation_rule.switched"
    sentence = N_("switched the automation rule “%(title)s” on or off")
    icon = "settings"

    title: str
    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class RuleRetired(Fact):
    name = "automation_rule.retired"
    sentence = N_("removed the automation rule “%(title)s”")
    icon = "trash-2"

    title: str


@dataclass(frozen=True)
class RuleRunAgain(Fact):
    name = "automation_rule.run_again"
    sentence = N_("had the automation rule “%(title)s” try again what had failed")
    icon = "undo-2"

    title: str
    run_id: int


@dataclass(frozen=True)
class RuleDue(Fact):
    """A date was reached, or the clock came to its turn, for so many records."""

    name = "automation_rule.due"
    sentence = N_("the time of the automation rule “%(title)s” had come for %(count)s records")
    icon = "clock"

    title: str
    count: int
