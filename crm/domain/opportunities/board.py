"""The board of a pipeline: what each stage sums up to, and its cards in order, within what the actor may see.

Open stages are one range of ix_opportunities_board (or its twins by owner and by department) each, stages that end a
deal one of ix_opportunities_ended: of those only what ended lately, since they grow for ever.
"""

import base64
import binascii
import datetime as dt
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, func, select, tuple_, union_all

from crm.domain.opportunities.models import Opportunity
from crm.domain.opportunities.pipelines import PipelineNow, StageNow
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.asking import Query
from crm.kernel.company import company
from crm.kernel.errors import Invalid
from crm.kernel.listing import ListSpec
from crm.kernel.patience import PAGE_MS, own_asked, patience
from crm.kernel.text import N_

CARDS = 25
ENDED_DAYS = 30
O = Opportunity  # noqa: E741 - every line of this file is about it
_CARD = (O.id, O.name, O.stage, O.customer_id, O.amount, O.next_follow_up_on, O.stage_since)
_WHOSE = (O.owner_id, O.department_id)
_PLACE = (O.place, O.closed_at)
_SHOWN: list[Any] = [*_CARD, *_WHOSE, *_PLACE]
_SUMMED: list[Any] = [O.stage, func.count().label("count"), func.sum(O.amount).label("amount")]


@dataclass(frozen=True)
class Total:
    count: int = 0
    amount: Decimal = Decimal(0)

    def weighted(self, stage: StageNow) -> Decimal:
        return self.amount * stage.probability / 100


@dataclass(frozen=True)
class Cards:
    rows: Sequence[Row[Any]] = ()
    after: str = ""  # cursor of what follows, or nothing


class Board:
    """`spec` is the list as the actor has it, `query` what it asks."""

    def __init__(self, actor: Actor, spec: ListSpec, query: Query) -> None:
        self.actor, self.spec, self.query = actor, spec, query.but(sort="", columns=())
        day = company.today() - dt.timedelta(days=ENDED_DAYS)
        self.since = dt.datetime.combine(day, dt.time(), ZoneInfo(company.timezone))

    def totals(self, stages: Collection[StageNow]) -> Mapping[str, Total]:
        """Stage → its total; in one question."""
        keys = {kind: [each.key for each in stages if each.is_open is kind] for kind in (True, False)}
        parts = [
            self._standing(branch, is_open).where(O.stage.in_(among)).with_only_columns(*_SUMMED).group_by(O.stage)
            for branch in self._branches()
            for is_open, among in keys.items()
            if among
        ]
        found: dict[str, Total] = {}
        for row in self._ask(parts):
            was, (stage, count, amount) = found.get(row.stage, Total()), tuple(row)
            found[stage] = Total(was.count + count, was.amount + (amount or 0))
        return found

    def cards(self, stages: Collection[StageNow], after: str = "") -> Mapping[str, Cards]:
        """Stage → its first cards, or those after a cursor (then of one stage); in one question."""
        at = _decode(after) if after else None
        parts = [self._some(branch, stage, at) for stage in stages for branch in self._branches()]
        rows: dict[str, list[Row[Any]]] = {}
        for row in self._ask(parts):
            rows.setdefault(row.stage, []).append(row)
        return {each.key: _cut(each, rows.get(each.key, [])) for each in stages}

    def _some(self, branch: Select[Any], stage: StageNow, at: Any) -> Select[Any]:
        statement = self._standing(branch, stage.is_open).where(O.stage == stage.key)
        if stage.is_open:
            order: tuple[Any, ...] = (O.place, O.id)
            statement = statement.where(tuple_(*order) > tuple(at)) if at else statement
        else:
            order = (O.closed_at.desc(), O.id.desc())
            last = (dt.datetime.fromisoformat(at[0]), at[1]) if at else None
            statement = statement.where(tuple_(O.closed_at, O.id) < last) if last else statement
        return statement.with_only_columns(*_SHOWN).order_by(*order).limit(CARDS + 1)

    def _standing(self, statement: Select[Any], is_open: bool) -> Select[Any]:
        return statement.where(O.closed_at.is_(None) if is_open else O.closed_at >= self.since)

    def _branches(self) -> list[Select[Any]]:
        return self.spec.branches(self.actor, self.query)

    def _ask(self, parts: Sequence[Select[Any]]) -> Sequence[Row[Any]]:
        if not parts:
            return []
        with patience(PAGE_MS, own_asked(self.spec.by_key, self.query.asked)):
            return db.session.execute(union_all(*(select(each.subquery()) for each in parts))).all()


def _cut(stage: StageNow, rows: list[Row[Any]]) -> Cards:
    """In order, whichever branch each came from."""
    if stage.is_open:
        rows.sort(key=lambda row: (row.place, row.id))
    else:
        rows.sort(key=lambda row: (row.closed_at, row.id), reverse=True)
    shown = rows[:CARDS]
    return Cards(shown, _encode(stage, shown[-1]) if len(rows) > CARDS else "")


def standing(actor: Actor, pipeline: PipelineNow) -> str:
    """Something else whenever anything of the pipeline changes that the actor can see. Of each way of seeing the newest
    change: the first of an index that lists have."""
    newest = [
        each.where(O.pipeline == pipeline.key).with_only_columns(O.updated_at, O.id, O.place)
        .order_by(O.updated_at.desc(), O.id.desc()).limit(1)
        for each in O.branches(actor)
    ]  # fmt: skip
    rows = [row for each in newest for row in db.session.execute(each)]
    return max((f"{row.updated_at.timestamp():.6f}-{row.id}-{row.place}" for row in rows), default="")


def _encode(stage: StageNow, row: Row[Any]) -> str:
    value = row.place if stage.is_open else row.closed_at.isoformat()
    return base64.urlsafe_b64encode(json.dumps([value, row.id]).encode()).decode()


def _decode(cursor: str) -> tuple[str, int]:
    try:
        value, id_ = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        return str(value), int(id_)
    except (ValueError, TypeError, binascii.Error) as error:
        raise Invalid(N_("This page of the list is not there any more: start from the first.")) from error
