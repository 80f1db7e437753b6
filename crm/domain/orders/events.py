"""What can happen to an order."""

from dataclasses import dataclass
from typing import Any

from crm.domain.records.events import facts_of
from crm.kernel.events import Fact
from crm.kernel.text import N_

FACTS = facts_of("Order")


@dataclass(frozen=True)
class OrderLinesChanged(Fact):
    """`before` and `after` are all lines, as lines.told() has them; `changes` is what became of the amount."""

    name = "order.lines_changed"
    sentence = N_("changed the lines of this %(record)s")
    icon = "list-checks"
    noun = "Order"

    before: list[dict[str, Any]]
    after: list[dict[str, Any]]
    changes: dict[str, list[Any]]
