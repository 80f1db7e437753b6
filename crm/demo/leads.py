"""A year of leads: from exhibitions, the website and the telephone, some of them converted, some in the pool."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from crm.demo.customers import customer
from crm.demo.dice import Weighted, dice
from crm.domain.leads import actions, ruling
from crm.domain.leads.converting import Chosen, convert
from crm.domain.leads.models import Lead
from crm.domain.people.models import Department, Person
from crm.domain.timeline.actions import add_follow_up
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.company import company

DAYS = 365
_OFFSET = 5_000_000  # leads are other companies than the customers
_ENDS = Weighted([("new", 22), ("contacted", 20), ("qualified", 14), ("won", 16), ("discarded", 18), ("pool", 10)])
_WAY = {"contacted": 1, "qualified": 2, "won": 2, "discarded": 1}
_CAMPAIGNS = {
    "exhibition": ("2026 华东工业展", "Canton Fair 2026"),
    "advertising": ("春季投放", "Spring ads"),
    "website": ("白皮书下载", "White paper"),
}
_POSITIONS = {
    "zh": ("采购经理", "总经理", "信息部主管", "运营总监"),
    "en": ("Buyer", "Managing director", "Head of IT"),
}
_REASONS = Weighted([("not_reached", 5), ("no_need", 4), ("no_budget", 3), ("rival", 2), ("wrong_data", 1)])
_CALLED = {
    "zh": "电话联系，对{goods}感兴趣，约下周发资料。",
    "en": "Called: interested in {goods}, will send material.",
}


@dataclass(frozen=True)
class LeadSketch:
    """`day` is counted from the beginning of the year, `end` is the status it comes to, or that nobody took it."""

    index: int
    day: int
    end: str
    area: str
    said: str
    values: Mapping[str, Any]


def sketches(seed: int, count: int) -> Iterator[LeadSketch]:
    """In the order of their days; one a few days old is still open."""
    for index in range(count):
        yield _sketch(dice(seed, "lead", index), seed, index, index * DAYS // count)


def _sketch(rng: Random, seed: int, index: int, day: int) -> LeadSketch:
    one = customer(seed, _OFFSET + index)
    source, known = one.texts.get("source"), one.values
    values = {key: known[key] for key in ("phone", "email", "website", "region", "industry") if key in known}
    values |= {"name": one.contact, "source": source, "position": rng.choice(_POSITIONS[one.language])}
    if known["type"] == "company":
        values["company"] = known["name"]
    if source in _CAMPAIGNS:
        values["campaign"] = rng.choice(_CAMPAIGNS[source])
    if rng.random() < 0.5:
        values["expected_amount"] = rng.randint(1, 60) * 5_000
    end = _ENDS.draw(rng)
    end = "new" if day > DAYS - 10 and end in ("won", "discarded", "qualified") else end
    goods = one.trade.goods_zh if one.language == "zh" else one.trade.goods_en
    said = _CALLED[one.language].format(goods=rng.choice(goods))
    return LeadSketch(index, day, end, one.place.sales_area, said, {k: v for k, v in values.items() if v})


def make_leads(
    seed: int, count: int, people: Mapping[str, Person], departments: Mapping[str, Department], now: dt.datetime
) -> int:
    """Rules first, then lead after lead as the year went; returns how many."""
    administrator = people["chen.siyuan"]
    begin = now - dt.timedelta(days=DAYS)
    with clock.frozen(begin - dt.timedelta(days=1)):
        _make_rules(administrator, people, departments)
    reps = {area: _reps(people, departments, area) for area in ("east", "south", "north")}
    for sketch in sketches(seed, count):
        at = _at(begin, sketch.day, 9)
        owner = None if sketch.end == "pool" else reps[sketch.area][sketch.index % len(reps[sketch.area])]
        brought = administrator if owner is None else owner
        with clock.frozen(at):
            id_ = actions.create(brought.actor, sketch.values)
        if owner is not None:
            _walk(dice(seed, "lead's way", sketch.index), sketch, id_, owner, at)
    return count


def _reps(people: Mapping[str, Person], departments: Mapping[str, Department], area: str) -> Sequence[Person]:
    return [each for each in people.values() if each.department_id == departments[area].id]


def _at(begin: dt.datetime, day: int, hour: int) -> dt.datetime:
    zone = ZoneInfo(company.timezone)
    there = (begin.astimezone(zone) + dt.timedelta(days=day)).date()
    return dt.datetime.combine(there, dt.time(hour), zone).astimezone(dt.UTC)


def _walk(rng: Random, sketch: LeadSketch, id_: int, owner: Person, at: dt.datetime) -> None:
    """One step after the other, some days apart, and never later than now."""
    lead = db.session.scalars(Lead.visible_to(owner.actor).where(Lead.id == id_)).one()
    actor, now = owner.actor, clock.now()
    for step in ("contacted", "qualified")[: _WAY.get(sketch.end, 0)]:
        at = min(at + dt.timedelta(days=rng.randint(1, 4), hours=rng.randint(0, 6)), now)
        with clock.frozen(at):
            if step == "contacted":
                add_follow_up(actor, lead, {"kind": "call", "body": sketch.said})
            actions.change(actor, lead, {"status": step})
    with clock.frozen(min(at + dt.timedelta(days=rng.randint(1, 9)), now)):
        if sketch.end == "won":
            convert(actor, lead, Chosen(with_contact="company" in sketch.values, opportunity={}))
        elif sketch.end == "discarded":
            actions.change(actor, lead, {"status": "discarded", "discard_reason": _REASONS.draw(rng)})


def _make_rules(administrator: Person, people: Mapping[str, Person], departments: Mapping[str, Department]) -> None:
    """Points for who is likely to buy; what the website brings goes to the area it comes from."""
    actor = administrator.actor
    for condition, points in (
        (("source", "in", "referral,exhibition"), 20),
        (("expected_amount", "min", "100000"), 25),
        (("company", "filled", "1"), 10),
        (("phone", "empty", "1"), -15),
    ):
        ruling.add_score(actor, condition, points)
    east = [{"person": each.id, "region": None} for each in _reps(people, departments, "east")]
    rules = (
        ("大额线索轮流分配 Large ones in turns", "turns", [["expected_amount", "min", "250000"]], east, None),
        ("华南线索池 Pool of the south", "pool", [["region", "within", "广东省"]], [], departments["south"].id),
    )
    for name, way, conditions, whom, department in rules:
        given = {"name": name, "way": way, "conditions": conditions, "people": whom, "department_id": department}
        ruling.save_assignment(actor, None, given)
