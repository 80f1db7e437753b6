"""What stands on the team's boards: each column's number, sum and weighted sum."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import g, url_for

from crm.domain.opportunities.board import Board, Total
from crm.domain.opportunities.pipelines import pipelines_of
from crm.domain.opportunities.record_type import OPPORTUNITY
from crm.kernel.asking import Query
from crm.kernel.patience import TooSlow
from crm.web.formats import money, number
from crm.web.i18n import gettext


@dataclass(frozen=True)
class Line:
    stage: str
    count: str
    sum: str
    weighted: str


@dataclass(frozen=True)
class BoardTotals:
    label: str
    url: str
    lines: Sequence[Line]
    sum: str
    weighted: str


def board_totals(whose: str) -> list[BoardTotals]:
    """Of every pipeline with open deals, in one question; nothing for whoever may not see what deals are worth."""
    spec = OPPORTUNITY.list.open_to(g.actor)
    needed = [spec.by_key.get(key) for key in ("amount", "stage", "owner")]
    open_ = all(each is not None and each.filterable and not each.masked for each in needed)
    if not open_ or not g.actor.may(OPPORTUNITY.may_read):
        return []
    asked = Query(filters=(("owner", "of", whose),))
    pipelines = pipelines_of(g.actor).all
    stages = [stage for each in pipelines for stage in each.stages if stage.is_open]
    try:
        found = Board(g.actor, spec, asked).totals(stages)
    except TooSlow:  # the board says why, to whoever goes there
        return []
    made = []
    for pipeline in pipelines:
        there = [(each, found.get(each.key, Total())) for each in pipeline.stages if each.is_open]
        there = [(stage, total) for stage, total in there if total.count or not stage.retired]
        if not any(total.count for _, total in there):
            continue
        lines = [
            Line(gettext(stage.label), number(total.count), money(total.amount, ""), money(total.weighted(stage), ""))
            for stage, total in there
        ]
        address = f"{url_for('opportunities.board')}?{urlencode([('pipeline', pipeline.key), *asked.to_args()])}"
        everything = money(sum(total.amount for _, total in there), "")
        weighted = money(sum(total.weighted(stage) for stage, total in there), "")
        made.append(BoardTotals(gettext(pipeline.label), address, lines, everything, weighted))
    return made
