"""A year of deals with the made-up customers: how each went through the stages, and where it stands today."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

from crm.demo.customers import Sketch
from crm.demo.dice import Weighted, dice
from crm.demo.words import RIVALS

DAYS = 365
"""How far back the first of them begins."""
_SHARE = 0.22  # of the customers there was a deal with
_OPEN = ("contacted", "needs", "proposal", "negotiation")
# Days a deal stands there, at least and at most.
_STAYS = {"contacted": (2, 20), "needs": (4, 30), "proposal": (5, 35), "negotiation": (3, 28)}
_WINS = 0.42
_FALLS = Weighted([("contacted", 25), ("needs", 30), ("proposal", 25), ("negotiation", 20)])  # the last stage before
_REASONS = Weighted(
    [("price", 32), ("competitor", 22), ("no_budget", 14), ("no_need", 12), ("silence", 14), ("product", 6)]
)
_SOURCES = Weighted([("referral", 30), ("exhibition", 25), ("website", 20), ("cold_call", 15), (None, 10)])
_NAMES = {
    "zh": ("{customer}{goods}采购", "{goods}{year}年度框架协议", "{customer}{goods}试用", "{goods}补货项目"),
    "en": ("{goods} for {customer}", "{goods}, frame contract {year}", "Trial of {goods}", "{goods}, second batch"),
}


Step = tuple[dt.datetime, dict[str, Any]]


@dataclass(frozen=True)
class DealSketch:
    """`steps` are (moment, values) in order: the first makes the deal, each further one changes it."""

    index: int
    """Of its customer."""
    steps: Sequence[Step]


def deals(seed: int, sketches: Sequence[Sketch], born: Sequence[dt.datetime], now: dt.datetime) -> Iterator[DealSketch]:
    for sketch in sketches:
        rng = dice(seed, "deal", sketch.index)
        if rng.random() < _SHARE:
            begun = now - dt.timedelta(days=rng.uniform(1, DAYS))
            yield DealSketch(sketch.index, _steps(rng, sketch, max(begun, born[sketch.index]), now))


def _steps(rng: Random, sketch: Sketch, begun: dt.datetime, now: dt.datetime) -> list[Step]:
    wins = rng.random() < _WINS
    until = "negotiation" if wins else _FALLS.draw(rng)
    at = begun
    steps: list[Step] = []
    for stage in _OPEN[: _OPEN.index(until) + 1]:
        steps.append((at, {"stage": stage}))
        at += dt.timedelta(days=rng.uniform(*_STAYS[stage]))
    steps.append((at, {"stage": "won"} if wins else {"stage": "lost", "lost_reason": _REASONS.draw(rng)}))
    steps[0][1].update(_described(rng, sketch, begun, at))
    return [each for each in steps if each[0] < now]


def _described(rng: Random, sketch: Sketch, begun: dt.datetime, ends: dt.datetime) -> dict[str, Any]:
    chinese = sketch.language == "zh"
    goods = rng.choice(sketch.trade.goods_zh if chinese else sketch.trade.goods_en)
    expected = ends + dt.timedelta(days=rng.uniform(-20, 25))
    name = rng.choice(_NAMES[sketch.language]).format(
        customer=sketch.texts["name"], goods=goods if chinese else goods[:1].upper() + goods[1:], year=begun.year
    )
    return {
        "name": name,
        "amount": Decimal(rng.choice((8, 12, 18, 25, 36, 48, 66, 90, 150, 280, 520))) * 1_000,
        "closes_on": max(expected.date(), begun.date()),
        "competitors": rng.choice(RIVALS) if rng.random() < 0.3 else None,
        "source": _SOURCES.draw(rng),
    }
