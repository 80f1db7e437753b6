"""What can happen to a lead besides what can happen to every record, and to the rules about leads."""

from dataclasses import dataclass
from typing import Any

from crm.domain.records.events import facts_of
from crm.kernel.events import Fact
from crm.kernel.text import N_

FACTS = facts_of("Lead")


@dataclass(frozen=True)
class LeadAssigned(Fact):
    """By a rule, when it came in without an owner; `owner` is a name, or nothing where it went into a pool."""

    name = "lead.assigned"
    sentence = N_("brought this %(lead)s in, and the rule “%(rule)s” decided whose it is")
    icon = "users"

    rule: str
    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class LeadClaimed(Fact):
    """`pool` is the department it was taken from; nothing: everybody's."""

    name = "lead.claimed"
    sentence = N_("claimed this %(lead)s from the pool")
    icon = "users"

    pool: int | None
    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class LeadConverted(Fact):
    """`became` is {type: number}, `attached` the types of those that were there before."""

    name = "lead.converted"
    sentence = N_("converted this %(lead)s")
    icon = "circle-check"

    became: dict[str, str]
    attached: list[str]
    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class LeadArrived(Fact):
    """On the customer that a lead was attached to."""

    name = "lead.arrived"
    sentence = N_("brought the %(lead)s %(number)s here by converting it")
    icon = "users"

    number: str


@dataclass(frozen=True)
class ConversionUndone(Fact):
    """`removed` and `kept` are {type: number} of what the conversion had made."""

    name = "lead.conversion_undone"
    sentence = N_("undid the conversion of this %(lead)s")
    icon = "undo-2"

    removed: dict[str, str]
    kept: dict[str, str]
    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class LeadLeft(Fact):
    """On a customer that stays when a conversion is undone."""

    name = "lead.left"
    sentence = N_("undid the conversion of the %(lead)s %(number)s, which is not part of this any more")
    icon = "undo-2"

    number: str


@dataclass(frozen=True)
class LeadRulesChanged(Fact):
    """`rules` is "scores" or "assignment"; `changes` {what: [before, after]}."""

    name = "lead_rules.changed"
    sentence = N_("changed the rules for %(leads)s")
    icon = "settings"

    rules: str
    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class LeadScoresWaited(Fact):
    name = "lead_scores.waited"
    sentence = N_("had all %(leads)s scored anew")
    icon = "settings"


@dataclass(frozen=True)
class LeadScoresMade(Fact):
    name = "lead_scores.made"
    sentence = N_("scored %(count)s %(leads)s anew")
    icon = "circle-check"

    count: int
