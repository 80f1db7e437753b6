"""Tiles whose numbers no grouping of one list gives: the funnel, customers who come again, the load of service."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Date, Interval, and_, case, cast, func, select, text

from crm.domain.dashboards.asking import MONTH, Asked, Span, begin_of, next_of
from crm.domain.dashboards.counting import base, question, value_of
from crm.domain.dashboards.grouping import days, on_the_wall, start_of
from crm.domain.dashboards.tiles import Column, Number, Row, Tile
from crm.domain.opportunities.models import Opportunity, OpportunityStage, Stage
from crm.domain.opportunities.pipelines import LOST, PipelineNow, pipelines_of
from crm.domain.orders.models import Order
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.company import company

_DAY = dt.timedelta(days=1)


def pipeline_of(actor: Actor, asked: Asked) -> PipelineNow | None:
    known = pipelines_of(actor)
    return known.by_key.get(asked.pipeline) or next(iter(known.offered), None)


def funnel(actor: Actor, tile: Tile, columns: Sequence[Column], asked: Asked) -> list[Row]:
    """Of the deals made in the period: how many ever stood in a stage or a later one of their pipeline, by the history
    of stages, and how many stand there now."""
    pipeline = pipeline_of(actor, asked)
    if pipeline is None:
        return []
    _, statement = base(actor, tile, asked)
    of_it = statement.where(Opportunity.pipeline == pipeline.key)
    deals = of_it.with_only_columns(Opportunity.id, Opportunity.stage).subquery()
    furthest = func.max(Stage.position).filter(Stage.kind != LOST)
    each = select(deals.c.stage, furthest.label("furthest")).select_from(deals)
    each = each.outerjoin(OpportunityStage, OpportunityStage.opportunity_id == deals.c.id)
    each = each.outerjoin(Stage, and_(Stage.key == OpportunityStage.stage, Stage.pipeline_id == pipeline.id))
    one = each.group_by(deals.c.id, deals.c.stage).subquery()
    counted = select(one.c.stage, one.c.furthest, func.count()).group_by(one.c.stage, one.c.furthest)
    found = db.session.execute(counted).all()
    own = question(*asked.owned, *days("created", asked.span), ("pipeline", "is", pipeline.key)).filters
    rows = []
    for stage in (each for each in pipeline.offered if each.kind != LOST):
        reached = sum(many for _, furthest, many in found if furthest is not None and furthest >= stage.position)
        now = sum(many for key, _, many in found if key == stage.key)
        known = {"made": sum(many for *_, many in found), "reached": reached, "now": now}
        numbers = {column.key: Number(value_of(column, known)) for column in columns}
        numbers["now"] = Number(now, question(*own, ("stage", "is", stage.key)))
        rows.append(Row(stage, numbers))
    return rows


def retention(actor: Actor, tile: Tile, columns: Sequence[Column], asked: Asked) -> list[Row]:
    """For each month: of the customers with a counted order in the month before, how many had one in this month, too.
    Whole months, even where the period begins or ends within one."""
    starts = asked.span.starts(MONTH)
    whole = Span(begin_of(MONTH, starts[0] - _DAY), next_of(MONTH, starts[-1]) - _DAY)
    spec, statement = base(actor, tile, Asked(whole, asked.whose))
    month = start_of(MONTH, spec.field("ordered_on"))
    ordered = statement.where(Order.customer_id.is_not(None)).with_only_columns(Order.customer_id, month.label("month"))
    before = ordered.distinct().cte("ordered")
    now = before.alias("now")
    following = cast(before.c.month + cast("1 month", Interval), Date)
    again = and_(now.c.customer_id == before.c.customer_id, now.c.month == following)
    told = select(before.c.month, func.count(), func.count(now.c.customer_id)).select_from(before.outerjoin(now, again))
    found = {row[0]: row[1:] for row in db.session.execute(told.group_by(before.c.month))}
    rows = []
    for start in starts:
        before_, again_ = found.get(begin_of(MONTH, start - _DAY), (0, 0))
        known = {"before": before_, "again": again_}
        rows.append(Row(start, {each.key: Number(value_of(each, known)) for each in columns}))
    return rows


def load(actor: Actor, tile: Tile, columns: Sequence[Column], asked: Asked) -> list[Row]:
    """Tickets opened and solved in each week or month, and those not solved at its end; nothing of what is to come.

    What is open at an end was opened by then and not yet solved.
    """
    span, unit = asked.span, asked.span.weekly
    alive = (("solved", "empty", "1"), ("solved", "gte", span.first.isoformat()))
    recent = (*alive, ("opened", "gte", span.first.isoformat()))
    until = ("opened", "lte", span.last.isoformat())
    spec = tile.record_type.list.open_to(actor)
    statement = spec.select(actor, question(*asked.owned, until, groups=(recent,)))
    opened, solved = start_of(unit, spec.field("opened")), start_of(unit, spec.field("solved"))
    day = cast(on_the_wall(spec.field("solved")), Date)
    keys = (opened, case((day <= span.last, solved)))
    told = statement.with_only_columns(
        keys[0].label("opened"),
        keys[1].label("solved"),
        (cast(on_the_wall(spec.field("opened")), Date) >= span.first).label("within"),
        (day >= span.first).label("ended"),
        func.count().label("many"),
    ).group_by(text("opened, solved, within, ended"))
    found = db.session.execute(told).all()
    return [_load(found, asked, unit, start) for start in span.starts(unit)]


def _load(found: Sequence[Any], asked: Asked, unit: str, start: dt.date) -> Row:
    part, until = asked.span.part(unit, start), ("opened", "lte", asked.span.last.isoformat())
    opened = sum(each.many for each in found if each.opened == start and each.within)
    solved = sum(each.many for each in found if each.solved == start and each.ended)
    left = sum(each.many for each in found if each.opened <= start and (each.solved is None or each.solved > start))
    later = (part.last + _DAY).isoformat()
    unsolved = (("solved", "empty", "1"), ("solved", "gte", later))
    ends = question(*asked.owned, ("opened", "lte", part.last.isoformat()), groups=(unsolved,))
    return Row(
        start,
        {
            "opened": Number(opened, question(*asked.owned, *days("opened", part))),
            "solved": Number(solved, question(*asked.owned, *days("solved", part), until)),
            "open": Number(left, ends) if start <= company.today() else Number(None),
        },
    )
