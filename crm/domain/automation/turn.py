"""One rule at one record on account of one event: all that an action needs to know."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from crm.domain.automation.rules import Rule
from crm.domain.automation.whens import BY_THE_CLOCK
from crm.domain.notifications.actions import Kind, News, notify
from crm.domain.people.models import Person
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import RuleBroken
from crm.kernel.records import RecordType


class Denied(RuleBroken):
    """The rule has no right to do this."""


@dataclass
class Desk:
    """What the turns of one transaction share: records that are locked, whose accounts are open, and what is to be
    told at its end, all at once.
    """

    records: dict[tuple[str, int | None, int], Any] = field(default_factory=dict)
    active: dict[int, bool] = field(default_factory=dict)
    news: list[tuple[Kind, News]] = field(default_factory=list)

    def open_accounts(self, ids: Collection[int]) -> list[int]:
        if unknown := [each for each in ids if each not in self.active]:
            there = set(db.session.scalars(select(Person.id).where(Person.id.in_(unknown), Person.active)))
            self.active |= {each: each in there for each in unknown}
        return [each for each in ids if self.active[each]]

    def tell(self) -> None:
        for kind in sorted({kind for kind, _ in self.news}):
            notify(kind, [each for its, each in self.news if its == kind])
        self.news.clear()


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
    desk: Desk
    number: int = 0  # of the action in the rule

    @property
    def own_event(self) -> int | None:
        """The event, where it is about this one record; a turn of the clock is about many."""
        return self.event_id if self.rule.when["kind"] not in BY_THE_CLOCK else None

    @property
    def key(self) -> str:
        """Of each effect that reaches outside: the same however often the turn is taken."""
        return f"{self.rule.id}-{self.event_id}-{self.record.id}-{self.number}"
