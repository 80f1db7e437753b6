"""The dealings of the last months with made-up customers, and what is to be done next."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from crm.demo.customers import Sketch
from crm.demo.dice import Weighted, dice
from crm.demo.talk import notes

DAYS = 120
"""How far back the dealings go."""
_HOW_MANY = Weighted([(1, 30), (2, 22), (3, 16), (4, 12), (5, 8), (6, 5), (8, 4), (12, 3)])
_SHARE = 0.48  # of the customers someone dealt with lately; with _HOW_MANY about 1.5 dealings a customer
_BUSY = {"interested": 1.4, "active": 1.3, "loyal": 1.2, "lost": 0.4}


@dataclass(frozen=True)
class FollowUpSketch:
    """`values` by field key, as read by FOLLOW_UP_FIELDS."""

    index: int
    happened_at: dt.datetime
    values: dict[str, Any]


def dealings(
    seed: int, sketches: Sequence[Sketch], created: Sequence[dt.datetime], now: dt.datetime, timezone: str
) -> list[FollowUpSketch]:
    """Those of all customers, oldest first. `created` is when each came to be: nothing happens before."""
    found = [
        dealing
        for sketch, born in zip(sketches, created, strict=True)
        for dealing in _of_one(seed, sketch, max(born, now - dt.timedelta(days=DAYS)), now, ZoneInfo(timezone))
    ]
    return sorted(found, key=lambda each: (each.happened_at, each.index))


def _of_one(
    seed: int, sketch: Sketch, since: dt.datetime, now: dt.datetime, zone: ZoneInfo
) -> Iterator[FollowUpSketch]:
    rng = dice(seed, "dealings", sketch.index)
    if rng.random() > _SHARE * _BUSY.get(sketch.texts["lifecycle_stage"], 0.8):
        return
    span = (now - since).total_seconds()
    how_many = min(_HOW_MANY.draw(rng), 1 + int(span // 172_800))  # at most one in two days
    raw = [since + dt.timedelta(seconds=rng.random() * span) for _ in range(how_many)]
    moments = sorted(_working(rng, moment, since, now, zone) for moment in raw)
    for at, after in zip(moments, [*moments[1:], None], strict=True):
        if after is not None:
            next_on = after.astimezone(zone).date()
        else:  # what is to be done now: a few are overdue, the others fall into the coming weeks
            next_on = _weekday(now.astimezone(zone).date() + dt.timedelta(days=rng.randint(-4, 28)))
        yield FollowUpSketch(sketch.index, at, _words(rng, sketch, next_on, last=after is None))


def _working(rng: Random, moment: dt.datetime, since: dt.datetime, now: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The same day, or the Friday before a week-end, at an hour people work; between `since` and now."""
    day = _weekday(moment.astimezone(zone).date())
    at = dt.datetime.combine(day, dt.time(rng.randint(9, 17), rng.randrange(60)), zone).astimezone(dt.UTC)
    return at if since < at < now else moment.replace(microsecond=0)


def _weekday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=max(0, day.weekday() - 4))


def _words(rng: Random, sketch: Sketch, next_on: dt.date, *, last: bool) -> dict[str, Any]:
    chinese = sketch.language == "zh"
    note = rng.choice(notes(sketch.language))
    body = note.body.format(
        contact=sketch.contact,
        goods=rng.choice(sketch.trade.goods_zh if chinese else sketch.trade.goods_en),
        amount=rng.randint(1, 60),
        people=rng.randint(3, 12),
        month=rng.randint(1, 12),
    )
    step = note.next_step if not last or rng.random() < 0.8 else ""
    return {
        "kind": note.kind,
        "body": body,
        "result": note.result or None,
        "next_step": step or None,
        "next_on": next_on if step else None,
    }
