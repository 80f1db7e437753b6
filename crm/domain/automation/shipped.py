"""The rules that the product comes with, off until an administrator switches them on; they are edited like any other.

What a ticket that needs sales brings about (`crm/domain/tickets/sales.py`) is part of the product: the rule says which
tickets do. Steps of a promise tell of what is near and late (`crm/domain/tickets/escalating.py`); the two rules are for
whoever wants to say otherwise whom, and what else follows.

A lead that is won becomes a customer in the transaction that converts it (`crm/domain/leads/converting.py`): nobody
must wait for a worker to see it. What the rule adds is the opportunity where whoever converted made none.
"""

from dataclasses import dataclass
from typing import Any

from crm.domain.automation.whens import IMPORTS
from crm.kernel.text import N_


@dataclass(frozen=True)
class Shipped:
    """`name` is a gettext id, as are the titles of what it makes."""

    key: str
    name: str
    type: str
    when: dict[str, Any]
    conditions: tuple[tuple[str, str, str], ...]
    actions: tuple[dict[str, Any], ...]

    def definition(self) -> dict[str, Any]:
        return {
            "when": self.when,
            "conditions": [list(each) for each in self.conditions],
            "actions": list(self.actions),
        }


RULES = (
    Shipped(
        "lead_won",
        N_("Won: make the opportunity, if there is none yet"),
        "leads",
        {"kind": "fact", "fact": "lead.converted"},
        (("customer", "filled", "1"), ("opportunity", "empty", "1")),
        ({"do": "create", "type": "opportunities", "title": "{name}", "whom": "owner"},),
    ),
    Shipped(
        "import_finished",
        N_("Import finished: tell each owner once what came in"),
        IMPORTS,
        {"kind": "fact", "fact": "import.finished"},
        (),
        ({"do": "digest"},),
    ),
    Shipped(
        "customer_unfollowed",
        N_("New and not followed up for three days: remind the owner"),
        "customers",
        {"kind": "date", "field": "created", "days": 3, "hour": 9},
        (("last_follow_up", "empty", "1"),),
        ({"do": "notify", "whom": "owner"},),
    ),
    Shipped(
        "complaint_needs_sales",
        N_("Urgent complaint: ask sales, who have a task by it"),
        "tickets",
        {"kind": "entered", "field": "type", "to": "complaint"},
        (("customer", "filled", "1"), ("priority", "is", "urgent")),
        ({"do": "set", "field": "needs_sales", "value": "yes"},),
    ),
    Shipped(
        "ticket_near",
        N_("Near the promised solution: tell the owner"),
        "tickets",
        {"kind": "fact", "fact": "ticket.solution_near"},
        (),
        ({"do": "notify", "whom": "owner"},),
    ),
    Shipped(
        "ticket_late",
        N_("Later than promised: tell those in charge"),
        "tickets",
        {"kind": "fact", "fact": "ticket.solution_late"},
        (),
        ({"do": "notify", "whom": "managers"},),
    ),
)
