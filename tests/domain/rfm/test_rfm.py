"""Scores: the published result of the package rfm, and a brute-force twin over made-up orders."""

import csv
import datetime as dt
import json
from collections import Counter
from decimal import Decimal
from random import Random

import pytest
from sqlalchemy import select

from crm.domain.customers import actions as customers
from crm.domain.customers.models import Customer
from crm.domain.customers.value import CustomerValue
from crm.domain.orders import actions as orders
from crm.domain.orders.choices import STATUSES
from crm.domain.rfm import actions, running
from crm.domain.rfm.models import DONE
from crm.domain.rfm.rules import DELIVERED, SCORES, Rules, Segment, score, segment_of
from crm.infra.db import db
from crm.kernel.access import unscoped
from crm.kernel.errors import Invalid
from crm.kernel.events import Event

COUNTED = ("open", "paid", "shipped", "done")


@pytest.fixture(autouse=True)
def short_stretches(monkeypatch):
    monkeypatch.setattr(running, "STRETCH", 40)
    monkeypatch.setattr(running, "LEVELLED", 7)


def run(actor, rules=None):
    if rules is not None:
        actions.change_rules(actor, rules)
    asked = actions.ask(actor)
    for _ in range(200):
        running.step(asked)
        db.session.flush()
        db.session.expire_all()
        if asked.state == DONE:
            return asked
    raise AssertionError("it does not end")


def scored():
    rows = db.session.scalars(select(CustomerValue).where(CustomerValue.rfm_recency.is_not(None)))
    return {
        each.customer_id: (each.rfm_recency, each.rfm_frequency, each.rfm_monetary, each.rfm_segment) for each in rows
    }


def levels():
    with unscoped("a test looks at everything"):
        return dict(db.session.execute(select(Customer.id, Customer.level)).all())


def changed_levels():
    facts = db.session.scalars(select(Event).where(Event.name == "customer.changed"))
    return Counter(each.subject_id for each in facts)


def segments_of(rules):
    spans = zip(*(rules[key] for key in ("rl", "ru", "fl", "fu", "ml", "mu")), strict=True)
    return tuple(
        Segment(name, (rl, ru), (fl, fu), (ml, mu))
        for name, (rl, ru, fl, fu, ml, mu) in zip(rules["names"], spans, strict=True)
    )


@pytest.mark.parametrize("which", ["A", "B"])
def test_it_equals_the_published_result(cast, shared_data, monkeypatch, which):
    monkeypatch.setattr(running, "STRETCH", 500)
    folder = shared_data / "orders" / "rfm_package"
    published = json.loads((folder / "rfm_expected_segments.json").read_text())
    with (folder / "rfm_data_orders.csv").open(encoding="utf-8") as file:
        bought = list(csv.DictReader(file))
    actor = cast.rep.actor
    names = sorted({each["customer_id"] for each in bought})
    ids = dict(zip(names, customers.create_many(actor, [{"name": each} for each in names]), strict=True))
    rows = [
        {
            "customer": ids[e["customer_id"]],
            "ordered_on": dt.date.fromisoformat(e["order_date"]),
            "amount": Decimal(e["revenue"]),
        }
        for e in bought
    ]
    orders.create_many(actor, rows)
    rules = Rules(segments=segments_of(published[f"segments_{which}_rules"]), analysed_on=dt.date(2006, 12, 31))
    done = run(cast.administrator.actor, rules)
    limits = {key: [float(each) for each in done.limits[key]] for key in SCORES}
    assert [limits["recency"], limits["frequency"], limits["monetary"]] == [
        [pytest.approx(each) for each in published["bins"][key]]
        for key in ("recency_days", "transaction_count", "amount")
    ]
    found, wrong = scored(), []
    with (folder / "rfm_expected_scores.csv").open(encoding="utf-8") as file:
        expected = list(csv.DictReader(file))
    for each in expected:
        *scores, segment = found[ids[each["customer_id"]]]
        told = (*(str(score) for score in scores), segment or "Others")
        if told != tuple(
            each[key] for key in ("recency_score", "frequency_score", "monetary_score", f"segment_{which}")
        ):
            wrong.append((each, told))
    assert (len(expected), len(found), wrong) == (995, 995, [])


def test_the_delivered_segments_are_the_published_ones(shared_data):
    published = json.loads((shared_data / "orders" / "rfm_package" / "rfm_expected_segments.json").read_text())
    assert segments_of(published["segments_A_rules"]) == DELIVERED


def test_frequency_and_recency_are_those_of_the_cdnow_summary(cast, shared_data):
    """Repeat days, and weeks from the first order to the last and to the day of the analysis."""
    folder, end = shared_data / "orders" / "cdnow_sample", dt.date(1997, 9, 30)
    days = {}
    with (folder / "cdnow_sample.csv").open() as file:
        for each in csv.DictReader(file):
            days.setdefault(int(each["customer_id"]), set()).add(dt.date.fromisoformat(each["date"]))
    with (folder / "cdnow_customers_summary.csv").open() as file:
        summary = {int(each["ID"]): each for each in csv.DictReader(file) if int(each["ID"]) <= 300}
    actor = cast.rep.actor
    ids = dict(zip(summary, customers.create_many(actor, [{"name": f"No {key}"} for key in summary]), strict=True))
    rows = [{"customer": ids[key], "ordered_on": day} for key in summary for day in sorted(days[key]) if day <= end]
    orders.create_many(actor, rows)
    for key, each in summary.items():
        worth = db.session.get(CustomerValue, ids[key])
        weeks = [
            round((b - a).days / 7, 2)
            for a, b in ((worth.first_order_on, worth.last_order_on), (worth.first_order_on, end))
        ]
        assert worth.order_count - 1 == int(each["frequency"])
        assert weeks == [pytest.approx(float(each["recency"]), abs=0.011), pytest.approx(float(each["T"]), abs=0.011)]


def quantile(values, share):
    """As R's default and PostgreSQL's percentile_cont have it, exactly."""
    ordered, at = sorted(map(Decimal, values)), Decimal(str(share)) * (len(values) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (at - low) * (ordered[high] - ordered[low])


def brute_force(made, rules, day):
    raw = {}
    for customer, on, amount, status, currency in made:
        if status in COUNTED and on <= day:
            last, number, total = raw.get(customer, (dt.date.min, 0, Decimal(0)))
            raw[customer] = (max(last, on), number + 1, total + (amount if currency == "CNY" else 0))
    values = {key: ((day - last).days, number, total) for key, (last, number, total) in raw.items()}
    limits = rules.limits
    if not rules.fixed:
        columns = zip(SCORES, zip(*values.values(), strict=True), strict=True)
        limits = {key: [quantile(column, share) + 1 for share in (0.2, 0.4, 0.6, 0.8)] for key, column in columns}
    found = {}
    for key, three in values.items():
        r, f, m = (score(Decimal(value), limits[name]) for name, value in zip(SCORES, three, strict=True))
        segment = segment_of((6 - r, f, m), rules.segments)
        found[key] = (6 - r, f, m, segment.name if segment else None)
    return found


@pytest.mark.parametrize("seed", range(4))
def test_it_equals_the_brute_force_twin(cast, seed):
    rng, actor, day = Random(seed), cast.rep.actor, dt.date(2026, 6, 30)
    ids = customers.create_many(actor, [{"name": f"No {number}"} for number in range(120)])
    made = [
        (
            rng.choice(ids[:110]),
            day - dt.timedelta(days=rng.randint(-20, 700)),
            Decimal(rng.randint(0, 500_00)) / 100,
            rng.choice([each.key for each in STATUSES] + ["done"] * 6),
            rng.choice(["CNY"] * 5 + ["USD"]),
        )
        for _ in range(rng.choice([30, 400, 900]))
    ]
    keys = ("customer", "ordered_on", "amount", "status", "currency")
    orders.create_many(actor, [dict(zip(keys, each, strict=True)) for each in made])
    fixed = {"recency": (30, 90, 180, 365), "frequency": (2, 3, 5, 8), "monetary": (100, 250, 500, Decimal("999.99"))}
    rules = Rules(
        fixed=bool(seed % 2),
        limits={key: tuple(map(Decimal, each)) for key, each in fixed.items()},
        segments=tuple(
            Segment(f"S{at}", *(tuple(sorted((rng.randint(1, 5), rng.randint(1, 5)))) for _ in SCORES))
            for at in range(6)
        ),
        analysed_on=day,
    )
    done = run(cast.administrator.actor, rules)
    expected = brute_force(made, rules, day)
    assert scored() == expected and done.scored == len(expected)
    with unscoped("a test looks at everything"):
        gone = db.session.get(Customer, next(iter(expected)))
        theirs = db.session.scalars(select(orders.Order).filter_by(customer_id=gone.id)).all()
    for each in theirs:
        orders.delete(actor, each)
    db.session.flush()
    run(cast.administrator.actor)
    assert gone.id not in scored(), "whoever has no orders any more has no scores"


def test_levels_follow_but_not_over_a_persons(cast):
    actor, admin = cast.rep.actor, cast.administrator.actor
    free, chosen, same = customers.create_many(
        actor, [{"name": "A"}, {"name": "B", "level": "b"}, {"name": "C", "level": "a"}]
    )
    day = dt.date(2026, 6, 1)
    orders.create_many(
        actor, [{"customer": each, "ordered_on": day, "amount": Decimal(5)} for each in (free, chosen, same)]
    )
    all_of = Segment("All", level="a")
    rules = Rules(segments=(all_of,), levels="free", analysed_on=day)
    assert run(admin, rules).levelled == 1
    assert levels() == {free: "a", chosen: "b", same: "a"}
    assert changed_levels() == {free: 1}, "one event for whose level changed, none for scores"
    assert run(admin).levelled == 0
    one = db.session.scalars(Customer.visible_to(actor).where(Customer.id == free)).one()
    customers.change(actor, one, {"level": "c"})
    db.session.flush()
    assert run(admin).levelled == 0, "a person chose it"
    customers.change(actor, one, {"level": None})
    db.session.flush()
    assert run(admin).levelled == 1, "an empty one is nobody's"
    assert run(admin, Rules(segments=(all_of,), levels="all", analysed_on=day)).levelled == 1
    assert levels()[chosen] == "a"
    follows = Rules(segments=(Segment("All", level="c"),), levels="free", analysed_on=day)
    assert run(admin, follows).levelled == 2, "what the scores gave they may change"
    assert levels() == {free: "c", chosen: "c", same: "a"}


def test_rules_that_make_no_sense_are_refused(cast):
    admin = cast.administrator.actor
    rising = {key: (Decimal(1), Decimal(2), Decimal(3), Decimal(4)) for key in SCORES}
    wrong = [
        Rules(fixed=True),
        Rules(fixed=True, limits=rising | {"monetary": (Decimal(1), Decimal(1), Decimal(2), Decimal(3))}),
        Rules(segments=()),
        Rules(segments=(Segment("", (1, 5)),)),
        Rules(segments=(Segment("X", (4, 2)),)),
        Rules(segments=(Segment("X", level="z"),)),
        Rules(levels="often"),
    ]
    for each in wrong:
        with pytest.raises(Invalid):
            actions.change_rules(admin, each)
    assert actions.change_rules(admin, Rules(fixed=True, limits=rising))
    assert not actions.change_rules(admin, Rules(fixed=True, limits=rising))
    assert actions.rules().limits == rising
    assert actions.ask(admin) is actions.ask(admin)
