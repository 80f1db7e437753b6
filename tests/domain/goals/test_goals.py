"""Goals: who may see and set them, and that every number is that of a count by hand."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest
from sqlalchemy import create_engine, select, text

from crm.domain.customers import actions as customers
from crm.domain.goals import measures, queries
from crm.domain.goals.actions import Wanted, remove_goal, set_goal
from crm.domain.goals.models import Goal
from crm.domain.goals.periods import end_of, moved, share_gone, start_of
from crm.domain.leads import actions as leads
from crm.domain.opportunities import actions as opportunities
from crm.domain.orders import actions as orders
from crm.domain.orders.models import Order
from crm.domain.people.models import Department
from crm.domain.timeline import actions as timeline
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Reach, unscoped
from crm.kernel.company import company
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import Event
from crm.kernel.permissions import Permission

DAY = dt.date(2026, 5, 20)


def wanted(measure="orders", period="month", target="100", **whose):
    return Wanted(measure, period, DAY, Decimal(target), **whose)


@pytest.fixture
def north(cast):
    return cast.manager.department_id


def test_periods():
    assert [start_of(each, DAY) for each in ("month", "quarter", "year")] == [
        dt.date(2026, 5, 1),
        dt.date(2026, 4, 1),
        dt.date(2026, 1, 1),
    ]
    assert moved("month", dt.date(2026, 1, 1), -1) == dt.date(2025, 12, 1)
    assert end_of("quarter", dt.date(2026, 10, 1)) == dt.date(2027, 1, 1)
    assert share_gone("month", dt.date(2026, 5, 1), dt.date(2026, 5, 31)) == 1
    assert share_gone("month", dt.date(2026, 5, 1), dt.date(2026, 4, 1)) == 0


def test_managers_set_goals_for_their_branch(cast, north):
    max_ = cast.manager.actor
    first = set_goal(max_, wanted(person_id=cast.rep.id))
    assert set_goal(max_, wanted(target="200", person_id=cast.rep.id)) is first and first.target == 200
    set_goal(max_, wanted(department_id=north))
    for other in (wanted(), wanted(person_id=cast.other_rep.id), wanted(department_id=cast.other_rep.department_id)):
        with pytest.raises(RuleBroken):
            set_goal(max_, other)
        set_goal(cast.administrator.actor, other)
    with pytest.raises(RuleBroken):
        set_goal(cast.rep.actor, wanted(person_id=cast.rep.id))
    for wrong in (wanted(target="0"), wanted(measure="x"), wanted(period="week"), wanted(person_id=1, department_id=1)):
        with pytest.raises(Invalid):
            set_goal(cast.administrator.actor, wrong)
    remove_goal(max_, first)
    told = db.session.scalars(select(Event.name).where(Event.subject_type == "goals").order_by(Event.id)).all()
    assert told == ["goal.set"] * 6 + ["goal.removed"]


def test_who_sees_which(cast, north):
    admin = cast.administrator.actor
    set_goal(admin, wanted())
    set_goal(admin, wanted(department_id=north))
    set_goal(admin, wanted(department_id=cast.rep.department_id))
    for each in (cast.rep, cast.other_rep, cast.manager):
        set_goal(admin, wanted(person_id=each.id))

    def seen(actor):
        goals = queries.goals_of(actor, "month", dt.date(2026, 5, 1))
        assert {each.id for each in goals} == {
            each for each in db.session.scalars(select(Goal.id)) if queries.one_goal(actor, each) is not None
        }
        return [(each.person_id, each.department_id) for each in goals]

    team = cast.rep.department_id
    assert len(seen(admin)) == 6
    assert seen(cast.manager.actor) == [(None, north), (None, team), (cast.manager.id, None), (cast.rep.id, None)]
    assert seen(cast.rep.actor) == [(cast.rep.id, None)]
    for each in (cast.marketer, cast.auditor, cast.outsider):
        assert seen(each.actor) == []
    # The role may let a rep see what the team reached: not what a single colleague did.
    set_goal(admin, wanted(person_id=cast.outsider.id))
    cast.outsider.department_id = team
    db.session.flush()
    more = replace(cast.rep.actor, reach=cast.rep.actor.reach | {Permission.GOALS_READ: Reach.DEPARTMENT})
    assert seen(more) == [(None, team), (cast.rep.id, None)]


def brute_force(rows, goal, below):
    """`rows` are (owner, department, day, amount)."""
    start, end = goal.starts_on, end_of(goal.period, goal.starts_on)
    whose = [each for each in rows if start <= each[2] < end]
    if goal.person_id:
        whose = [each for each in whose if each[0] == goal.person_id]
    if goal.department_id:
        whose = [each for each in whose if each[1] in below[goal.department_id]]
    return sum((each[3] for each in whose), Decimal(0))


def test_every_number_is_the_count_by_hand(cast, north):
    rng, admin = Random(7), cast.administrator.actor
    people = [cast.rep, cast.other_rep, cast.manager, cast.outsider]
    done = {"orders": [], "new_customers": [], "follow_ups": []}
    for _ in range(60):
        owner = rng.choice(people)
        moment = dt.datetime(
            2026, rng.randint(3, 7), rng.choice([1, 2, 15, 28]), rng.choice([1, 12, 17]), tzinfo=dt.UTC
        )
        local = (moment + dt.timedelta(hours=8)).date()
        with clock.frozen(moment):
            customer = customers.create(admin, {"name": "A", "owner": owner.id})
            amount, status = Decimal(rng.randint(1, 9999)) / 100, rng.choice(["open", "done", "cancelled", "returned"])
            currency = rng.choice(["CNY", "CNY", "EUR"])
            values = {"customer": customer, "owner": owner.id, "amount": amount, "ordered_on": moment.date()}
            orders.create(admin, values | {"status": status, "currency": currency})
            with unscoped("a test looks at everything"):
                record = db.session.get(customers.Customer, customer)
            timeline.add_follow_up(owner.actor, record, {"kind": "call", "body": "x"})
        place = (owner.id, owner.department_id)
        done["new_customers"].append((*place, local, Decimal(1)))
        done["follow_ups"].append((*place, local, Decimal(1)))
        if status in ("open", "done") and currency == "CNY":
            done["orders"].append((*place, moment.date(), amount))
    goals = [
        set_goal(admin, replace(wanted(measure, period, **whose), day=dt.date(2026, month, 9)))
        for measure in done
        for period in ("month", "quarter", "year")
        for month in (4, 5)
        for whose in (
            {},
            {"person_id": cast.rep.id},
            {"department_id": north},
            {"department_id": cast.rep.department_id},
        )
    ]
    goals = list({each.id: each for each in goals}.values())
    paths = dict(db.session.execute(select(Department.id, Department.path)).all())
    below = {key: {id_ for id_, path in paths.items() if path.startswith(start)} for key, start in paths.items()}
    found = queries.reached(goals)
    assert [each.reached for each in found] == [brute_force(done[each.measure], each, below) for each in goals]
    assert any(each.reached for each in found)
    binned = db.session.scalars(Order.visible_to(admin).where(Order.status == "done")).first()
    before = sum(each.reached for each in found)
    orders.delete(admin, binned)
    db.session.flush()
    assert sum(each.reached for each in queries.reached(goals)) <= before


INDEXES = {
    "orders": "ix_orders_counted",
    "new_customers": "ix_customers_created",
    "follow_ups": "ix_follow_ups_written",
}


def test_each_is_read_from_one_index(settings, migrated):
    """Which of several a planner takes of tables as small as these is luck: it has no other, and may not read all."""
    engine = create_engine(settings.database_owner_url)
    with engine.connect() as connection:
        for table in ("orders", "customers", "follow_ups"):
            others = connection.scalars(text(_OTHERS), {"table": table, "kept": [*INDEXES.values()]}).all()
            for each in others:
                connection.execute(text(f"DROP INDEX {each}"))
        for way in ("seqscan", "bitmapscan"):
            connection.execute(text(f"SET LOCAL enable_{way} = off"))
        for key, index in INDEXES.items():
            for more in ({}, {"owners": [1], "departments": [1]}):
                statement = measures.MEASURES[key].statement(narrowed=bool(more))
                asked = {"start": DAY, "end": DAY + dt.timedelta(days=9)} | more
                plan = "\n".join(connection.scalars(text(f"EXPLAIN {statement}"), asked))
                assert f"Index Only Scan using {index}" in plan, plan
        connection.rollback()
    engine.dispose()


# But those that stand for a constraint.
_OTHERS = """
    SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = CAST(:table AS regclass)
    AND NOT indisunique AND indexrelid::regclass::text <> ALL(:kept)"""


def test_what_was_won_and_what_was_converted(cast):
    """By the verbs of deals and leads, as their areas write them down."""
    sam, admin, today = cast.rep.actor, cast.administrator.actor, company.today()
    customer = customers.create(sam, {"name": "Acme"})
    for stage, amount in (("won", 70), ("won", 5), ("lost", 900), ("new", 1000)):
        made = opportunities.create(sam, {"name": stage, "customer": customer, "amount": Decimal(amount)})
        if stage != "new":
            more = {"lost_reason": "price"} if stage == "lost" else {}
            opportunities.change_many(sam, [(made, {"stage": stage} | more)])
    ids = leads.create_many(sam, [{"name": f"L{number}"} for number in range(4)])
    for id_ in ids[:2]:
        leads.change_many(sam, [(id_, {"status": "discarded", "discard_reason": "no_need"})])
    stands = "UPDATE lead_statuses SET status = 'won' WHERE lead_id = :id AND left_at IS NULL"
    db.session.execute(text(stands), {"id": ids[2]})
    won, share = (
        set_goal(admin, Wanted(measure, "year", today, Decimal(50), person_id=cast.rep.id))
        for measure in ("won", "conversion")
    )
    assert [each.reached for each in queries.reached([won, share])] == [75, Decimal("33.3")]


def test_a_share_is_a_part_of_the_whole():
    share = replace(measures.MEASURES["orders"], kind=measures.SHARE)
    parts = [measures.Part(1, 1, Decimal(1), Decimal(4)), measures.Part(2, 1, Decimal(2), Decimal(4))]
    assert measures.together(share, parts) == Decimal("37.5")
    assert measures.together(share, []) == 0


def test_history_is_the_same_goal_of_the_periods_before(cast):
    admin = cast.administrator.actor
    made = [
        set_goal(admin, replace(wanted(person_id=cast.rep.id), day=moved("month", DAY.replace(day=1), -n)))
        for n in range(3)
    ]
    set_goal(admin, wanted(period="year", person_id=cast.rep.id))
    assert queries.history(cast.rep.actor, made[0]) == made
    assert queries.history(cast.rep.actor, made[1]) == made[1:]
    assert queries.history(cast.other_rep.actor, made[0]) == []
