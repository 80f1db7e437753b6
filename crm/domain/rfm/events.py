from dataclasses import dataclass
from typing import Any

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class RfmRulesChanged(Fact):
    """`changes` is {"rules": [before, after]}, each as Rules.packed() has it."""

    name = "rfm.rules_changed"
    sentence = N_("changed how the value of %(customers)s is scored")
    icon = "settings"

    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class RfmAsked(Fact):
    name = "rfm.asked"
    sentence = N_("asked for the scores of all %(customers)s")
    icon = "list-checks"
