"""Every number of a dashboard is the list it leads to, for everybody their own; the others are counted by hand."""

import datetime as dt
from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import event, func, select, text

from crm.domain.dashboards import counting
from crm.domain.dashboards.asking import MONTH, SPANS, WEEK, Asked, Span, next_of, span_of
from crm.domain.dashboards.counting import figures
from crm.domain.dashboards.special import pipeline_of
from crm.domain.dashboards.table import DASHBOARDS, dashboards_of
from crm.domain.goals.actions import Wanted, set_goal
from crm.domain.opportunities.models import OpportunityStage
from crm.domain.orders.choices import COUNTED
from crm.domain.people.models import Department
from crm.domain.registry import RECORD_TYPES
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import FieldRight
from crm.kernel.asking import Query
from crm.kernel.company import company
from crm.kernel.patience import OutOfTime

TILES = {tile.key: tile for each in DASHBOARDS.values() for tile in each.tiles}
SOMETIME = "now() - random() * interval '420 days'"
# What happens over more than a year in the same second of a test.
SPREAD = (
    "SELECT setseed(0.37)",
    *(
        f"UPDATE {each} SET created_at = {SOMETIME}, updated_at = now()"
        for each in ("customers", "leads", "opportunities")
    ),
    f"UPDATE opportunities SET closed_at = {SOMETIME} WHERE closed_at IS NOT NULL",
    "UPDATE orders SET ordered_on = current_date - (random() * 420)::int",
    f"UPDATE tickets SET opened_at = {SOMETIME}",
    "UPDATE tickets SET respond_due_at = opened_at + interval '1 day' WHERE id % 3 > 0",
    "UPDATE tickets SET responded_at = opened_at + random() * interval '2 days' WHERE id % 5 > 0",
    "UPDATE tickets SET solved_at = opened_at + random() * interval '60 days', rating = 1 + id % 5 WHERE id % 2 = 0",
    *(f"UPDATE {each} SET deleted_at = now() WHERE id % 11 = 0" for each in ("customers", "orders", "tickets")),
    "UPDATE customers SET owner_id = NULL WHERE id % 7 = 0",
)


def _make(type_, actor, rows):
    return RECORD_TYPES[type_].verbs.create_many(actor, rows)


@pytest.fixture
def world(cast):
    """Half a dozen months of everything, owned by three people of whom two are in one branch."""
    admin = cast.administrator.actor
    owners = [cast.rep.id, cast.other_rep.id, cast.manager.id]

    def rows(count, **values):
        made = []
        for n in range(count):
            row = {key: value[n % len(value)] if isinstance(value, list) else value for key, value in values.items()}
            made.append({"name": f"N{n}", "owner": owners[n % 3]} | row)
        return made

    levels, places = ["a", "b", None], ["440305", "4403", "110105", None]
    kinds = {
        "level": levels,
        "region": places,
        "industry": ["6513", "I", None],
        "source": ["website", None, "advertising"],
    }
    known = list(_make("customers", admin, rows(40, **kinds)))
    _make("leads", admin, rows(30, status=["new", "contacted"], source=["website", None]))
    db.session.execute(text("UPDATE leads SET status = 'won' WHERE id % 3 = 0"))
    stages = ["contacted", "proposal", "won", "lost", "needs"]
    amounts = [Decimal("100.50"), None, Decimal(7)]
    deals = rows(45, customer=known, stage=stages, amount=amounts, lost_reason=[None] * 3 + ["price"] + [None])
    _make("opportunities", admin, deals)
    states = ["open", "paid", "cancelled"]
    bought = rows(120, customer=known[:12], ordered_on=company.today(), status=states, amount=Decimal("19.99"))
    _make("orders", admin, [row | {"currency": "USD" if n % 10 == 0 else "CNY"} for n, row in enumerate(bought)])
    _make("tickets", admin, rows(40, type="question"))
    for each in SPREAD:
        db.session.execute(text(each))
    db.session.commit()
    db.session.expire_all()
    return cast


def spans():
    today = company.today()
    odd = Span(today - dt.timedelta(days=77), today - dt.timedelta(days=10))
    return [span_of("months", today), odd]


def wanted(cast):
    """(who, asked): three reaches, all of theirs, their own and a department's."""
    whole, odd = spans()
    yield from ((who.actor, Asked(whole)) for who in (cast.administrator, cast.manager, cast.rep))
    yield cast.administrator.actor, Asked(odd, f"department-{cast.manager.department_id}")
    yield from ((who.actor, Asked(odd, "me")) for who in (cast.manager, cast.rep))


def test_every_number_is_what_its_list_counts(world):
    told = Counter()
    for actor, asked in wanted(world):
        for tile in TILES.values():
            found = figures(actor, tile, asked)
            for column in found.columns:
                for row in found.rows:
                    number = row.numbers[column.key]
                    if number.query is None:
                        assert column.unlisted or column.over or column.goal or number.value is None, (tile.key, row)
                        continue
                    assert Query.from_args(number.query.to_args()) == number.query  # it survives an address
                    listed = _listed(actor, tile, column, number.query)
                    assert number.value == listed, (actor.name, asked, tile.key, column.key, row, listed)
                    told[tile.key, column.key] += bool(number.value)
    listed = {(tile.key, each.key) for tile in TILES.values() for each in tile.columns}
    listed -= {(tile.key, each.key) for tile in TILES.values() for each in tile.columns if _has_no_list(each)}
    assert {key for key, many in told.items() if many} == listed  # none was right because it was nothing


def _has_no_list(column):
    return column.unlisted or column.over or column.goal


def _listed(actor, tile, column, query):
    spec = tile.record_type.list
    if not column.sums:
        return spec.count(actor, query).number
    opened = spec.open_to(actor)
    chosen = opened.select(actor, query.but(columns=(column.sums,)))
    return db.session.scalar(chosen.with_only_columns(func.sum(opened.field(column.sums).column))) or 0


def test_groups_add_up_to_all_of_the_period(world):
    actor, asked = world.administrator.actor, Asked(spans()[0])
    for key in ("regions", "industries", "levels", "new", "orders"):
        tile = TILES[key]
        rows = figures(actor, tile, asked).rows
        _, statement = counting.base(actor, tile, asked)
        whole = db.session.scalar(select(func.count()).select_from(statement.subquery()))
        assert sum(row.numbers["count"].value for row in rows) == whole > 10


def test_many_teams_are_asked_for_at_once(cast):
    """However many bars there are, their names and the way to their lists cost as many questions as one."""
    tile = next(each for each in DASHBOARDS["service"].tiles if each.key == "teams")
    asked = Asked(span_of("months", company.today()))
    _make("tickets", cast.administrator.actor, [{"name": "N", "type": "question"} for _ in range(12)])

    def questions(teams):
        for n in range(teams):
            db.session.add(team := Department(name=f"Team {n} of {teams}", path="/"))
            db.session.flush()
            one = "UPDATE tickets SET department_id = :team WHERE id = (SELECT min(id) + :n FROM tickets)"
            db.session.execute(text(one), {"team": team.id, "n": n})
        db.session.commit()
        noted = []
        event.listen(db.engine, "before_cursor_execute", note := lambda *of: noted.append(of[2]))
        try:
            rows = figures(cast.administrator.actor, tile, asked).rows
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        assert len([each for each in rows if each.key and each.numbers["count"].query]) == teams
        return len(noted)

    assert questions(2) == questions(9)


def test_the_funnel_is_the_history_of_stages(world):
    actor, asked = world.manager.actor, Asked(spans()[0])
    tile, pipeline = TILES["funnel"], pipeline_of(actor, asked)
    rows = figures(actor, tile, asked).rows
    _, statement = counting.base(actor, tile, asked)
    deals = [each for each in db.session.scalars(statement) if each.pipeline == pipeline.key]
    places = {each.key: each.position for each in pipeline.stages if each.kind != "lost"}
    for row in rows:
        come = 0
        for deal in deals:
            stood = select(OpportunityStage.stage).where(OpportunityStage.opportunity_id == deal.id)
            come += any(places.get(each, -1) >= row.key.position for each in db.session.scalars(stood))
        assert row.numbers["reached"].value == come
    reached = [row.numbers["reached"].value for row in rows]
    assert reached == sorted(reached, reverse=True) and reached[-1] > 0
    assert reached[0] < len(deals)  # some were lost at once


def test_who_orders_again_is_who_ordered_in_both_months(world):
    for actor, asked in ((world.administrator.actor, Asked(spans()[0])), (world.rep.actor, Asked(spans()[1]))):
        rows = figures(actor, TILES["retention"], asked).rows
        orders = db.session.scalars(RECORD_TYPES["orders"].entity.visible_to(actor)).all()
        by_month = {}
        for each in orders:
            if each.status in COUNTED:
                by_month.setdefault(each.ordered_on.replace(day=1), set()).add(each.customer_id)
        for row in rows:
            before = by_month.get((row.key - dt.timedelta(days=1)).replace(day=1), set())
            again = before & by_month.get(row.key, set())
            assert (row.numbers["before"].value, row.numbers["again"].value) == (len(before), len(again))
            share = row.numbers["share"].value
            assert share == (round(Decimal(len(again)) * 100 / len(before), 1) if before else None)
        assert any(row.numbers["again"].value for row in rows)


def test_promises_are_kept_late_or_still_to_keep(world):
    rows = figures(world.administrator.actor, TILES["answers"], Asked(spans()[0])).rows
    kept, late = (sum(row.numbers[key].value for row in rows) for key in ("kept", "late"))
    tickets = db.session.scalars(RECORD_TYPES["tickets"].entity.visible_to(world.administrator.actor)).all()
    first, last = company.midnight(spans()[0].first), company.midnight(spans()[0].last + dt.timedelta(days=1))
    due = [each for each in tickets if each.respond_due_at and first <= each.opened_at < last]
    ends = [(each, each.responded_at or each.solved_at) for each in due]
    assert kept == sum(1 for each, end in ends if end and end <= each.respond_due_at) > 0
    assert late == sum(1 for each, end in ends if (end or clock.now()) > each.respond_due_at) > 0


def test_a_day_begins_on_the_companys_wall(cast):
    """In Shanghai the last moments of October in UTC are November's."""
    RECORD_TYPES["customers"].verbs.create_many(cast.rep.actor, [{"name": "Late"}, {"name": "Early"}])
    for name, moment in (("Late", "2026-10-31 16:00+00"), ("Early", "2026-10-31 15:59:59.999+00")):
        db.session.execute(
            text("UPDATE customers SET created_at = :at WHERE name = :name"), {"at": moment, "name": name}
        )
    db.session.commit()
    span = Span(dt.date(2026, 10, 1), dt.date(2026, 12, 31))
    rows = figures(cast.rep.actor, TILES["new"], Asked(span)).rows
    assert [(row.key.month, row.numbers["count"].value) for row in rows] == [(10, 1), (11, 1), (12, 0)]
    within = figures(cast.rep.actor, TILES["new"], Asked(Span(dt.date(2026, 10, 31), dt.date(2026, 10, 31)))).rows
    assert [row.numbers["count"].value for row in within] == [1]


def test_spans():
    today = dt.date(2026, 11, 27)
    found = {key: span_of(key, today) for key in SPANS}
    assert found["month"] == Span(dt.date(2026, 11, 1), dt.date(2026, 11, 30))
    assert found["quarter"] == Span(dt.date(2026, 10, 1), dt.date(2026, 12, 31))
    assert found["year"] == Span(dt.date(2026, 1, 1), dt.date(2026, 12, 31))
    assert found["months"] == found["days"] == Span(dt.date(2025, 12, 1), dt.date(2026, 11, 30))
    assert len(found["months"].starts(MONTH)) == 12 and found["quarter"].weekly == WEEK != found["year"].weekly
    assert span_of("days", today, today, today) == Span(today, today)
    assert span_of("days", today, today, dt.date(2020, 1, 1)) == found["months"]
    leap = Span(dt.date(2024, 2, 29), dt.date(2024, 3, 1))
    assert [leap.part(MONTH, each) for each in leap.starts(MONTH)] == [
        Span(dt.date(2024, 2, 29), dt.date(2024, 2, 29)),
        Span(dt.date(2024, 3, 1), dt.date(2024, 3, 1)),
    ]


def test_an_empty_system_has_empty_months(cast):
    for who in (cast.administrator, cast.outsider):
        for tile in TILES.values():
            found = figures(who.actor, tile, Asked(spans()[0]))
            assert all(not each.value for row in found.rows for each in row.numbers.values())
        assert len(figures(who.actor, TILES["new"], Asked(spans()[0])).rows) == 12


def test_what_may_not_be_read_is_neither_summed_nor_grouped_by(world):
    asked = Asked(spans()[0])
    for right in (FieldRight.HIDDEN, FieldRight.MASKED):
        rights = {"opportunities": {"amount": right}, "customers": {"source": right}, "tickets": {"rating": right}}
        actor = replace(world.rep.actor, fields=rights)
        assert [each.key for each in figures(actor, TILES["won"], asked).columns] == ["count"]
        assert [each.key for each in figures(actor, TILES["lost"], asked).columns] == ["count"]
        assert figures(actor, TILES["sources"], asked) is None
        assert figures(actor, TILES["satisfaction"], asked) is None
        assert figures(replace(actor, fields={"leads": {"owner": right}}), TILES["conversion"], asked) is not None
        nobody = replace(actor, fields={"leads": {"owner": right}})
        assert figures(nobody, TILES["conversion"], Asked(asked.span, "me")) is None
    no_orders = replace(world.rep.actor, reach={RECORD_TYPES["customers"].may_read: 1})
    assert [each.key for each in figures(no_orders, TILES["sources"], asked).columns] == ["count"]
    assert [each.key for each in dashboards_of(no_orders)] == ["sales", "customers"]
    assert [each.key for each in DASHBOARDS["sales"].for_(no_orders)] == ["sources"]


def test_goals_stand_only_beside_all_that_they_are_about(world):
    month = company.today().replace(day=1)
    for whose in ({"person_id": world.rep.id}, {"department_id": world.manager.department_id}, {}):
        set_goal(world.administrator.actor, Wanted("orders", "month", month, Decimal(500), **whose))
    db.session.commit()
    north = f"department-{world.manager.department_id}"

    def goal(who, whose):
        rows = figures(who.actor, TILES["orders"], Asked(spans()[0], whose)).rows
        return rows[-1].numbers["goal"].value

    assert goal(world.rep, "me") == goal(world.manager, north) == goal(world.administrator, "") == 500
    assert goal(world.rep, "") is goal(world.rep, north) is goal(world.manager, "") is None
    for part in (Span(month, next_of(MONTH, month) - dt.timedelta(days=2)), Span(month - dt.timedelta(days=1), month)):
        columns = figures(world.rep.actor, TILES["orders"], Asked(part, "me")).columns
        assert "goal" not in [each.key for each in columns], "a whole month's is none for a part of it"


def test_what_takes_too_long_is_given_up(cast, monkeypatch):
    monkeypatch.setattr(counting, "TILE_MS", 40)
    slow = replace(TILES["new"], ask=lambda *_: db.session.execute(text("SELECT pg_sleep(20)")))
    with pytest.raises(OutOfTime):
        figures(cast.rep.actor, slow, Asked(spans()[0]))
    assert figures(cast.rep.actor, TILES["new"], Asked(spans()[0]))  # the transaction goes on
