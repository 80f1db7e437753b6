"""What customers said, per agent, category and month: of the tickets that the reader may see, and of no others."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, tuple_

from crm.domain.satisfaction.models import Survey
from crm.domain.tickets.models import Ticket
from crm.infra.db import db
from crm.kernel.access import Actor, FieldRight
from crm.kernel.company import company

AGENT, CATEGORY, MONTH = WAYS = ("agent", "category", "month")
GOOD = 4  # and above
PAGE = 50


@dataclass(frozen=True)
class Line:
    """Of one agent, category (None: of none) or month (YYYY-MM), or of all together."""

    key: Any
    asked: int
    answered: int
    points: int
    content: int

    @property
    def mean(self) -> float | None:
        return self.points / self.answered if self.answered else None

    @property
    def share(self) -> float | None:
        """Of those who answered, how many said 4 or 5."""
        return self.content / self.answered if self.answered else None


def may_read(actor: Actor) -> bool:
    return actor.may(Ticket.read_permission) and actor.right_to("tickets", "rating") >= FieldRight.READ


def _key(way: str) -> Any:
    local = func.timezone(company.timezone, Survey.made_at)
    return {AGENT: Survey.agent_id, CATEGORY: Survey.category, MONTH: func.to_char(local, "YYYY-MM")}[way]


def _of(actor: Actor, since: dt.datetime | None) -> Select[Any]:
    surveys = Ticket.visible_to(actor).join(Survey, Survey.ticket_id == Ticket.id)
    return surveys if since is None else surveys.where(Survey.made_at >= since)


def _sums() -> tuple[ColumnElement[Any], ...]:
    content = func.count().filter(Survey.rating >= GOOD)
    return func.count(), func.count(Survey.rating), func.coalesce(func.sum(Survey.rating), 0), content


def lines(actor: Actor, way: str, since: dt.datetime | None) -> list[Line]:
    """In the order of the key."""
    key = _key(way)
    statement = _of(actor, since).with_only_columns(key, *_sums()).group_by(key).order_by(key)
    return [_line(*row) for row in db.session.execute(statement)]


def total(actor: Actor, since: dt.datetime | None) -> Line:
    return _line(None, *db.session.execute(_of(actor, since).with_only_columns(*_sums())).one())


def _line(key: Any, asked: int, answered: int, points: Any, content: int) -> Line:
    return Line(key, asked, answered, int(points), content)


def answers(
    actor: Actor, since: dt.datetime | None, way: str = "", key: Any = None, before: tuple[Any, int] | None = None
) -> Sequence[tuple[Survey, Ticket]]:
    """What was said, the newest first: of one line or of all; one more than a page."""
    statement = _of(actor, since).where(Survey.answered_at.is_not(None))
    if way:
        statement = statement.where(_key(way) == key if key is not None else _key(way).is_(None))
    if before is not None:
        statement = statement.where(tuple_(Survey.answered_at, Survey.id) < before)
    newest = statement.add_columns(Survey).order_by(Survey.answered_at.desc(), Survey.id.desc()).limit(PAGE + 1)
    return [(survey, ticket) for ticket, survey in db.session.execute(newest)]
