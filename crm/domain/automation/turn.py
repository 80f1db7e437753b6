"""One rule at one record on account of one event: all that an action needs to know."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from crm.domain.automation.rules import Rule
from crm.domain.automation.whens import BY_THE_CLOCK
from crm.kernel.access import Actor
from crm.kernel.errors import RuleBroken
from crm.kernel.records import RecordType


class Denied(RuleBroken):
    """The rule has no right to do this."""


@dataclass
class Turn:
    """`actor` is the rule's, `type` is open to it and `record` is locked."""

    rule: Rule
    actor: Actor
    type: RecordType
    record: Any
    event_id: int
    occurred_at: dt.datetime
    doer_id: int | None  # who did what it acts on
    number: int = 0  # of the action in the rule

    @property
    def own_event(self) -> int | None:
        """The event, where it is about this one record; a turn of the clock is about many."""
        return self.event_id if self.rule.when["kind"] not in BY_THE_CLOCK else None

    @property
    def key(self) -> str:
        """Of each effect that reaches outside: the same however often the turn is taken."""
        return f"{self.rule.id}-{self.event_id}-{self.record.id}-{self.number}"
