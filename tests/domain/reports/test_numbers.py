"""Every number of a report is that of the list it leads to, and what Python counts of the same records."""

import datetime as dt
import random
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, func, text

from crm.domain.orders.choices import SUMMED
from crm.domain.registry import RECORD_TYPES
from crm.domain.reports import counting
from crm.domain.reports.asking import Dimension, Measure, Question
from crm.domain.reports.counting import ALL, REST, found
from crm.infra.db import db
from crm.kernel.access import FieldRight
from crm.kernel.asking import Query
from crm.kernel.company import company
from crm.kernel.errors import Invalid
from crm.kernel.patience import OutOfTime
from crm.web.report_table import ReportTable

SOMETIME = "timestamptz '2026-03-01 00:00+00' - random() * interval '500 days'"


def make(type_, actor, rows):
    return RECORD_TYPES[type_].verbs.create_many(actor, rows)


@pytest.fixture
def watch(app):
    @contextmanager
    def watching():
        asked = []

        def note(connection, cursor, statement, *_):
            asked.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            yield asked
        finally:
            event.remove(db.engine, "before_cursor_execute", note)

    return watching


@pytest.fixture
def world(cast):
    admin = cast.administrator.actor
    owners = [cast.rep.id, cast.other_rep.id, cast.manager.id, None]
    dice = random.Random(7)
    places, levels = ["440305", "4403", "110105", "44", None], ["a", "b", "c", None]
    customers = [
        {"name": f"N{n}", "owner": dice.choice(owners), "level": dice.choice(levels), "region": dice.choice(places)}
        for n in range(60)
    ]
    known = list(make("customers", admin, customers))
    orders = [
        {
            "name": f"O{n}",
            "owner": dice.choice(owners[:3]),
            "customer": dice.choice(known[:40]),
            "ordered_on": dt.date(2025, 1, 1) + dt.timedelta(days=dice.randrange(400)),
            "status": dice.choice(["open", "paid", "cancelled"]),
            "amount": dice.choice([Decimal("19.99"), Decimal(7), Decimal("0.1")]),
            "currency": dice.choice(["CNY", "CNY", "CNY", "USD"]),
        }
        for n in range(150)
    ]
    make("orders", admin, orders)
    db.session.execute(text("SELECT setseed(0.4)"))
    db.session.execute(text(f"UPDATE customers SET created_at = {SOMETIME}"))
    db.session.expire_all()
    return cast


def listed(actor, type_, url):
    """How many records the list of an address has."""
    query = Query.from_args([each for each in parse_qsl(urlsplit(url).query) if each[0] != "view"])
    statement = RECORD_TYPES[type_].list.select(actor, query).with_only_columns(func.count())
    return db.session.scalar(statement)


def reports(dice):
    rows = {
        "customers": ["owner", "level", "region.2", "region.4", "region", "created.day", "created.week"]
        + ["created.month", "created.quarter", "created.year"],
        "orders": ["owner", "customer", "status", "currency", "ordered_on.month", "ordered_on.week", "ordered_on.year"],
    }
    measures = {
        "customers": ["count", "distinct.owner", "distinct.region", "sum.order_total", "max.order_count"],
        "orders": ["count", "sum.amount", "avg.amount", "min.amount", "max.amount", "distinct.customer"],
    }
    narrowings = {
        "customers": [(), (("created", "gte", "2025-02-10"), ("level", "in", "a,b")), (("region", "within", "44"),)],
        "orders": [(), (("status", "in", "open,paid"),), (("ordered_on", "lte", "2025-09-15"),)],
    }
    for _ in range(60):
        type_ = dice.choice(["customers", "orders"])
        dimensions = [Dimension.of(each) for each in dice.sample(rows[type_], dice.randrange(4))]
        column = dimensions.pop() if dimensions and dice.random() < 0.5 else None
        told = tuple(Measure.of(each) for each in dice.sample(measures[type_], dice.randrange(1, 4)))
        query = Query(filters=tuple(sorted(dice.choice(narrowings[type_]))))
        sort = dice.choice(["", "1", "-1"])
        yield Question(type_, tuple(dimensions[:2]), column, told, query, sort, shares=dice.random() < 0.3)


def test_numbers_are_those_of_the_lists(world):
    dice = random.Random(11)
    led = 0
    for number, question in enumerate(reports(dice)):
        actor = [world.administrator, world.rep, world.manager][number % 3].actor
        table = ReportTable(actor, question, "/list")
        assert not table.problem, (question, table.problem)
        for line in table.lines:
            for at, each in enumerate(line.numbers):
                measure = table.question.measures[at % len(table.question.measures)]
                if each.url and measure.how == "count":
                    led += 1
                    assert each.value == listed(actor, question.type, each.url), (question, line, each)
    assert led > 300


def group_of(dimension, value, zone):
    if value is None or not dimension.unit:
        return value
    if isinstance(value, str):
        return value[: int(dimension.unit)]
    day = value.astimezone(zone).date() if isinstance(value, dt.datetime) else value
    return {
        "day": day,
        "week": day - dt.timedelta(days=day.weekday()),
        "month": day.replace(day=1),
        "quarter": day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
        "year": day.replace(month=1, day=1),
    }[dimension.unit]


TELL = {
    "sum": sum,
    "avg": lambda values: sum(values) / len(values),
    "min": min,
    "max": max,
    "distinct": lambda values: len(set(values)),
}


def by_hand(actor, told):
    """{key: numbers} of what was found, from the single records."""
    question, spec = told.question, told.spec
    keys = [each.field for each in (*question.dimensions, *question.measures) if each.field]
    statement = spec.select(actor, question.query.but(columns=(*keys, *(["currency"] if "currency" in keys else []))))
    columns = [spec.by_key[each].column.label(f"x{n}") for n, each in enumerate(keys)]
    if question.type == "orders":
        columns.append(spec.by_key["currency"].column.label("unit"))
    zone, many = ZoneInfo(company.timezone), len(question.dimensions)
    groups = defaultdict(list)
    for row in db.session.execute(statement.with_only_columns(spec.entity.id, *columns)):
        own = []
        for at, each in enumerate(question.dimensions):
            value = group_of(each, row[1 + at], zone)
            own.append(value if value in told.groups[at] else REST)
        for mask in range(1 << many):
            key = tuple(ALL if mask & (1 << at) else own[at] for at in range(many))
            groups[key].append(row)
    return {
        key: [number(question, each, at, rows) for at, each in enumerate(question.measures)]
        for key, rows in groups.items()
    }


def number(question, measure, at, rows):
    if measure.how == "count":
        return len(rows)
    place = 1 + len(question.dimensions) + sum(bool(each.field) for each in question.measures[:at])
    values = [row[place] for row in rows if row[place] is not None]
    if question.type == "orders" and measure.how != "distinct":
        values = [row[place] for row in rows if row.unit == SUMMED and row[place] is not None]
    return TELL[measure.how](values) if values or measure.how == "distinct" else None


def test_numbers_are_what_python_counts(world):
    dice = random.Random(23)
    for number_, question in enumerate(reports(dice)):
        actor = [world.administrator, world.rep][number_ % 2].actor
        told = found(actor, question)
        wanted = by_hand(actor, told)
        for key, cell in told.cells.items():
            assert key in wanted or not cell[-1], (question, key)
            for one, other in zip(cell, wanted.get(key, ()), strict=False):
                if one is None or other is None:
                    assert one == other, (question, key)
                else:
                    assert abs(Decimal(one) - Decimal(other)) < Decimal("0.001"), (question, key)


def test_what_is_left_out_is_told_and_totals_add_up(world, monkeypatch):
    monkeypatch.setattr(counting, "most_of", lambda question: [3])
    question = Question(
        "orders", (Dimension("customer"),), measures=(Measure("count"), Measure("distinct", "customer"))
    )
    table = ReportTable(world.administrator.actor, question, "/list")
    lines = table.lines
    assert len(lines) == 5 and lines[-2].key == (REST,) and "others" in lines[-2].words
    assert sum(each.numbers[0].value for each in lines[:-1]) == lines[-1].numbers[0].value == 150
    assert sum(each.numbers[1].value for each in lines[:-1]) == lines[-1].numbers[1].value
    assert lines[-2].numbers[0].url == "" and all(each.numbers[0].url for each in lines[:3])


def with_right(actor, type_, key, right):
    return replace(actor, fields={**actor.fields, type_: {**actor.fields.get(type_, {}), key: right}})


@pytest.mark.parametrize("right", [FieldRight.HIDDEN, FieldRight.MASKED])
def test_what_may_not_be_read_is_told_by_no_number(world, right):
    question = Question("orders", (Dimension("status"),), measures=(Measure("count"), Measure("sum", "amount")))
    for key, kept in (("status", "amount"), ("amount", "status"), ("currency", "status")):
        actor = with_right(world.administrator.actor, "orders", key, right)
        table = ReportTable(actor, question, "/list")
        used = {each.field for each in (*table.question.dimensions, *table.question.measures)}
        assert kept in used and table.gone
        assert key not in used and not (key == "currency" and "amount" in used)
    narrowed = question.asking(Query(filters=(("amount", "min", "5"),)))
    actor = with_right(world.administrator.actor, "orders", "amount", right)
    with pytest.raises(Invalid):
        found(actor, narrowed)
    assert ReportTable(actor, narrowed).problem


def test_everybody_has_their_own_numbers(world):
    question = Question("customers", (Dimension("owner"),))
    tables = [ReportTable(each.actor, question) for each in (world.administrator, world.rep, world.manager)]
    whole, own, branch = (each.lines[-1].numbers[0].value for each in tables)
    assert whole == 60 and own < branch < whole


def test_a_report_of_nothing(world):
    question = Question("customers", (Dimension("level"),), Dimension("owner")).asking(Query(search="nobody at all"))
    lines = ReportTable(world.rep.actor, question, "/list").lines
    assert [each.kind for each in lines] == ["total"] and lines[0].numbers[-1].words == "0"


def test_what_takes_too_long_is_said(world, monkeypatch):
    def never(*_):
        raise OutOfTime

    monkeypatch.setattr(counting, "_cells", never)
    assert "too long" in ReportTable(world.rep.actor, Question("customers")).problem


def test_two_statements_and_the_names(world, watch):
    question = Question("orders", (Dimension("owner"), Dimension("ordered_on")), Dimension("status"), sort="-1")
    actor = world.administrator.actor
    found(actor, question)
    with watch() as asked:
        found(actor, question)
    assert len([each for each in asked if "SELECT" in each]) == 2
