"""What can happen to a ticket besides what can happen to every record, and to what is shaped around tickets."""

from dataclasses import dataclass
from typing import Any

from crm.domain.records.events import facts_of
from crm.kernel.events import Fact
from crm.kernel.text import N_

FACTS = facts_of("Ticket")


@dataclass(frozen=True)
class TicketClaimed(Fact):
    name = "ticket.claimed"
    sentence = N_("claimed this %(ticket)s from the queue")
    icon = "users"

    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class TicketRouted(Fact):
    """Into the queue of another team, or to one of its people."""

    name = "ticket.routed"
    sentence = N_("handed this %(ticket)s to %(team)s")
    icon = "users"

    team: str
    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class TicketAnswered(Fact):
    """The first public answer."""

    name = "ticket.answered"
    sentence = N_("answered for the first time")
    icon = "message-square"

    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class SalesAsked(Fact):
    name = "ticket.sales_asked"
    sentence = N_("asked sales to look after it: %(who)s")
    icon = "users"

    who: str


@dataclass(frozen=True)
class SalesNotAsked(Fact):
    name = "ticket.sales_not_asked"
    sentence = N_("asked sales to look after it, but nobody is told until it names its %(customer)s")
    icon = "circle-alert"


@dataclass(frozen=True)
class SalesAnswered(Fact):
    name = "ticket.sales_answered"
    sentence = N_("looked after it for sales")
    icon = "check"

    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class TicketRulesChanged(Fact):
    """`what` are topics, teams or macros; `changes` of the one that is named."""

    name = "ticket.rules_changed"
    sentence = N_("changed %(title)s")
    icon = "settings"

    what: str
    title: str
    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class AnswerNear(Fact):
    """`told` are names; `percent` of the time are used."""

    name = "ticket.answer_near"
    sentence = N_("noted that %(percent)s percent of the time to the first answer are used; told: %(told)s")
    icon = "clock"

    percent: int
    told: str


@dataclass(frozen=True)
class AnswerLate(Fact):
    name = "ticket.answer_late"
    sentence = N_("noted that the first answer is late, at %(percent)s percent of the time; told: %(told)s")
    icon = "circle-alert"

    percent: int
    told: str


@dataclass(frozen=True)
class SolutionNear(Fact):
    name = "ticket.solution_near"
    sentence = N_("noted that %(percent)s percent of the time to the solution are used; told: %(told)s")
    icon = "clock"

    percent: int
    told: str


@dataclass(frozen=True)
class SolutionLate(Fact):
    name = "ticket.solution_late"
    sentence = N_("noted that the solution is late, at %(percent)s percent of the time; told: %(told)s")
    icon = "circle-alert"

    percent: int
    told: str
