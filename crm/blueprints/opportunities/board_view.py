"""A board as its template has it: columns with what they sum up to, cards in words, and every address on it."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import abort, g, url_for
from sqlalchemy import select

from crm.blueprints.opportunities.page import days_words, stale_words
from crm.domain.customers.source import CUSTOMERS_AS_VALUES
from crm.domain.opportunities.board import Board, Total, standing
from crm.domain.opportunities.history import days_since
from crm.domain.opportunities.pipelines import PipelineNow, Pipelines, StageNow, pipelines_of
from crm.domain.opportunities.record_type import OPPORTUNITY
from crm.domain.timeline.models import FollowUp
from crm.infra.db import db
from crm.kernel.asking import Query
from crm.kernel.company import company
from crm.kernel.listing import ListSpec
from crm.kernel.pages import Count, Page
from crm.web.formats import date, money, number
from crm.web.i18n import gettext
from crm.web.lists import ListView
from crm.web.tabs import at


@dataclass(frozen=True)
class Card:
    id: int
    name: str
    customer: str
    amount: str
    step: str  # what is next, and when
    late: bool
    days: str
    stale: str
    fixed: bool  # the reader may not move it


@dataclass(frozen=True)
class Head:
    stage: StageNow
    name: str
    count: str
    sum: str
    weighted: str


@dataclass(frozen=True)
class Column:
    head: Head
    cards: Sequence[Card]
    more_url: str


class BoardView(ListView):
    """Everything a list can be asked, asked of one pipeline."""

    def __init__(self, pipeline: PipelineNow, query: Query | None = None) -> None:
        self.pipeline, self.path = pipeline, url_for("opportunities.board")
        super().__init__(OPPORTUNITY.list, f"{self.path}?pipeline={pipeline.key}", query)

    def _found(self) -> tuple[Page, Count]:
        self.board = Board(g.actor, self.spec, self.query)
        self.totals = self.board.totals(self.pipeline.stages)
        filled = [each for each in self.pipeline.stages if each.key in self.totals]
        self.cards = self.board.cards(filled)
        self.words = CardWords([row for each in self.cards.values() for row in each.rows], self.spec)
        return Page((), "", ""), Count(sum(each.count for each in self.totals.values()))

    @property
    def columns(self) -> list[Column]:
        """Without the cards of what was too slow to be found."""
        cards, totals = getattr(self, "cards", {}), getattr(self, "totals", {})
        shown = [each for each in self.pipeline.stages if not each.retired or each.key in totals]
        return [
            Column(
                self.head(each, totals.get(each.key, Total())),
                [self.words.card(row, each) for row in cards[each.key].rows] if each.key in cards else [],
                self.more_url(each, cards[each.key].after) if each.key in cards else "",
            )
            for each in shown
        ]

    def head(self, stage: StageNow, total: Total) -> Head:
        sees = sees_in(self.spec, "amount")
        weighted = stage.is_open and sees and total.amount
        return Head(
            stage,
            gettext(stage.label),
            number(total.count),
            money(total.amount, "") if sees else "",
            money(total.weighted(stage), "") if weighted else "",
        )

    def heads_of(self, keys: Collection[str]) -> list[Head]:
        """Of some columns, as they are now."""
        stages = [each for each in self.pipeline.stages if each.key in keys]
        totals = Board(g.actor, self.spec, self.query).totals(stages)
        return [self.head(each, totals.get(each.key, Total())) for each in stages]

    def more_url(self, stage: StageNow, after: str) -> str:
        if not after:
            return ""
        args = [("stage", stage.key), ("after", after), *self.query.but(sort="", columns=()).to_args()]
        return at(url_for("opportunities.cards", pipeline=self.pipeline.key), args)

    @property
    def move_args(self) -> str:
        """The board, as it travels with a card."""
        return urlencode([("list", self.place)])

    @property
    def place(self) -> str:
        return urlencode([("pipeline", self.pipeline.key), *self.query.but(sort="", columns=()).to_args()])

    @cached_property
    def seen(self) -> str:
        return standing(g.actor, self.pipeline)

    def news_url(self, endpoint: str, seen: str) -> str:
        return url_for(f"opportunities.{endpoint}", list=self.place, seen=seen)

    def others(self) -> list[tuple[str, str, bool]]:
        """The boards there are, where there are several."""
        known = [each for each in pipelines_of(g.actor).all if not each.retired or each is self.pipeline]
        urls = [(gettext(each.label), f"{self.path}?pipeline={each.key}", each is self.pipeline) for each in known]
        return urls if len(urls) > 1 else []


class CardWords:
    """What cards say, with one question each for customers and for next steps."""

    def __init__(self, rows: Sequence[Any], spec: ListSpec) -> None:
        self.sees, self.today = partial(sees_in, spec), company.today()
        self.moves = spec.by_key["stage"].writable_by(g.actor) and not g.actor.read_only
        customers = {row.customer_id for row in rows if row.customer_id} if self.sees("customer") else set()
        self.customers = CUSTOMERS_AS_VALUES.labels(g.actor, customers) if customers else {}
        self.steps = _steps({row.id: row.next_follow_up_on for row in rows if row.next_follow_up_on})

    def card(self, row: Any, stage: StageNow) -> Card:
        timed = stage.is_open and self.sees("stage_since")
        days, due = days_since(row.stage_since), row.next_follow_up_on if self.sees("next_follow_up") else None
        return Card(
            row.id,
            row.name,
            self.customers.get(row.customer_id, "").rpartition(" (")[0],
            money(row.amount, "") if row.amount is not None and self.sees("amount") else "",
            " · ".join(filter(None, (date(due), self.steps.get(row.id, "")))) if due else "",
            due is not None and due < self.today,
            days_words(days) if timed else "",
            stale_words(stage, days) if timed else "",
            not (self.moves and g.actor.holds(row, OPPORTUNITY.may_edit)),
        )


def _steps(due: Mapping[int, dt.date]) -> dict[int, str]:
    """Record → what was promised for the day that is next: by ix_follow_ups_timeline."""
    if not due:
        return {}
    statement = select(FollowUp.subject_id, FollowUp.next_on, FollowUp.next_step).where(
        FollowUp.subject_type == "opportunities",
        FollowUp.subject_id.in_(due),
        FollowUp.next_step.is_not(None),
        FollowUp.deleted_at.is_(None),
    )
    rows = db.session.execute(statement.order_by(FollowUp.happened_at))
    return {row.subject_id: row.next_step for row in rows if row.next_on == due[row.subject_id]}


def sees_in(spec: ListSpec, key: str) -> bool:
    """Whether the reader may read this field."""
    field = spec.by_key.get(key)
    return field is not None and not field.masked


def pipeline_or_404(now: Pipelines, key: str) -> PipelineNow:
    """For whoever may not know where deals stand there are no boards."""
    if not sees_in(OPPORTUNITY.list.open_to(g.actor), "stage"):
        abort(404)
    if not key and now.offered:
        return now.offered[0]
    return now.by_key.get(key) or abort(404)


def board_of(place: str) -> "BoardPlace":
    """The board that a card says it stands on (`list`)."""
    asked = parse_qsl(place)
    pipeline = pipeline_or_404(pipelines_of(g.actor), dict(asked).get("pipeline", ""))
    return BoardPlace(pipeline, Query.from_args(asked))


class BoardPlace(BoardView):
    """A board of which only some heads and one card are shown: nothing is asked for at first."""

    def _found(self) -> tuple[Page, Count]:
        return Page((), "", ""), Count(0)
