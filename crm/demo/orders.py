"""A year of orders as the ERP would send them every night, what goals were set, and the scores that follow."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from crm.demo.customers import Sketch
from crm.demo.dice import dice
from crm.demo.goods import Good, goods, of_trade
from crm.domain.goals.actions import Wanted, set_goal
from crm.domain.goals.periods import moved, start_of
from crm.domain.orders import actions
from crm.domain.orders.lines import set_lines
from crm.domain.orders.models import Order
from crm.domain.people.models import Department, Person
from crm.domain.products import actions as products
from crm.domain.rfm import actions as rfm
from crm.domain.rfm import running
from crm.domain.rfm.models import DONE
from crm.domain.rfm.rules import Rules
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.company import company

DAYS = 365
# How many orders a customer of this stage has had, and how many days ago the last of them may have been.
_BOUGHT = {"loyal": (4, 14, 1), "active": (1, 6, 1), "at_risk": (1, 4, 90), "lost": (1, 3, 200)}
_STATUSES = ("done",) * 30 + ("cancelled", "returned")
_MONTHS, _LINED = 6, 14  # goals go so many months back; orders of the last days have lines


@dataclass(frozen=True)
class Bought:
    """One order: of which customer (by place among the sketches), when, what and how many."""

    index: int
    day: dt.date
    good: Good
    quantity: int
    status: str

    @property
    def amount(self) -> Decimal:
        return self.good.price * self.quantity


def make_products(seed: int, actor: Actor) -> list[int]:
    """Ids in the order of goods(seed)."""
    rows = [
        {"name": each.name, "code": each.code, "category": each.category, "unit": each.unit, "price": each.price}
        for each in goods(seed)
    ]
    return products.create_many(actor, rows)


def bought(seed: int, sketches: Sequence[Sketch], born: Sequence[dt.datetime], today: dt.date) -> list[Bought]:
    """Oldest first; nobody bought anything before they were a customer."""
    known, found = goods(seed), list[Bought]()
    for sketch, since in zip(sketches, born, strict=True):
        rng, offered = dice(seed, "orders", sketch.index), of_trade(known, sketch.trade)
        found += _of_one(rng, sketch, offered, since.date(), today)
    return sorted(found, key=lambda each: (each.day, each.index))


def _of_one(rng: Random, sketch: Sketch, known: Sequence[Good], since: dt.date, today: dt.date) -> Iterator[Bought]:
    least, most, ago = _BOUGHT.get(sketch.texts["lifecycle_stage"], (0, 0, 1))
    first, last = max(since, today - dt.timedelta(days=DAYS)), today - dt.timedelta(days=ago)
    for _ in range(rng.randint(least, most)):
        if first < last:
            day = first + dt.timedelta(days=rng.randint(1, (last - first).days))
            recent = (today - day).days < 21
            status = rng.choice(("open", "paid", "shipped", "done")) if recent else rng.choice(_STATUSES)
            yield Bought(sketch.index, day, rng.choice(known), rng.choice((1, 1, 2, 3, 5, 10)), status)


def make_orders(seed: int, found: Sequence[Bought], ids: Sequence[int], owners: Sequence[Person], erp: Actor) -> int:
    """Each night those of the day; `ids` and `owners` are in the order of the sketches. Returns how many."""
    product_ids = make_products(seed, erp)
    today, number = company.today(), 0
    for day, some in groupby(found, key=lambda each: each.day):
        todays = list(some)
        rows = [_values(each, ids, owners, number + at) for at, each in enumerate(todays, 1)]
        number += len(rows)
        with clock.frozen(min(clock.now(), dt.datetime.combine(day, dt.time(20), ZoneInfo(company.timezone)))):
            made = actions.create_many(erp, rows)
            if (today - day).days <= _LINED:
                _lines(erp, made, todays, product_ids)
    return number


def _values(each: Bought, ids: Sequence[int], owners: Sequence[Person], number: int) -> dict[str, Any]:
    elsewhere = {"external_number": f"SO-{number:06d}", "external_source": "ERP"}
    what = {"name": each.good.name, "amount": each.amount, "status": each.status, "ordered_on": each.day}
    return what | elsewhere | {"customer": ids[each.index], "owner": owners[each.index].id}


def _lines(erp: Actor, made: Sequence[int], todays: Sequence[Bought], product_ids: Sequence[int]) -> None:
    db.session.flush()
    there = {each.id: each for each in db.session.scalars(Order.visible_to(erp).where(Order.id.in_(made)))}
    for id_, each in zip(made, todays, strict=True):
        set_lines(erp, there[id_], [{"product": product_ids[each.good.index], "quantity": Decimal(each.quantity)}])


def make_goals(
    found: Sequence[Bought],
    owners: Sequence[Person],
    sellers: Sequence[Person],
    departments: Sequence[Department],
    boss: Actor,
) -> int:
    """For each month so far and this one: what is a little more than a month has brought on average."""
    usual: dict[int | None, Decimal] = {}
    for each in found:
        for whose in (owners[each.index].id, None):
            usual[whose] = usual.get(whose, Decimal(0)) + each.amount * 30 / DAYS
    months = [moved("month", start_of("month", company.today()), -ago) for ago in range(_MONTHS)]
    wanted = [Wanted("orders", "month", month, _target(usual.get(None))) for month in months]
    for month in months:
        wanted += [Wanted("orders", "month", month, _target(usual.get(each.id)), each.id) for each in sellers]
        wanted += [Wanted("follow_ups", "month", month, Decimal(12), each.id) for each in sellers]
    share = _target(usual.get(None, Decimal(0)) / max(1, len(departments)) * 3)
    wanted += [Wanted("orders", "quarter", months[0], share, department_id=each.id) for each in departments]
    wanted.append(Wanted("new_customers", "year", months[0], Decimal(max(10, len(owners) * 6 // 10))))
    for each in wanted:
        set_goal(boss, each)
    return len(wanted)


def _target(usual: Decimal | None) -> Decimal:
    return max(Decimal(10_000), round((usual or Decimal(0)) * Decimal("1.1") / 1000) * Decimal(1000))


def make_scores(boss: Actor) -> None:
    """By quantiles, every night from now on; levels stay as people chose them."""
    rfm.change_rules(boss, Rules(nightly=True))
    run = rfm.ask(boss)
    while run.state != DONE:
        running.step(run)


def make_all(
    seed: int,
    sketches: Sequence[Sketch],
    born: Sequence[dt.datetime],
    ids: Sequence[int],
    owners: Sequence[Person],
    departments: Mapping[str, Department],
    boss: Actor,
) -> int:
    """How many orders there are now."""
    found = bought(seed, sketches, born, company.today())
    number = make_orders(seed, found, ids, owners, boss)
    areas = [departments[key] for key in ("sales", "east", "south", "north")]
    there = {each.id for each in areas}
    sellers = sorted({each for each in owners if each.department_id in there}, key=lambda each: each.id)
    make_goals(found, owners, sellers, areas, boss)
    make_scores(boss)
    return number
