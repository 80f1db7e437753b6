"""Which customers go back at night, who is warned of it before, and that it happens once."""

import datetime as dt

import pytest
from sqlalchemy import select, text, update

from crm.domain.contacts import actions as contacts
from crm.domain.contacts.models import Contact
from crm.domain.customers import actions as customers
from crm.domain.customers.pool_models import CustomerFormer
from crm.domain.customers.pool_rules import Rule, pools_of, read
from crm.domain.notifications.models import Notification
from crm.domain.opportunities import actions as opportunities
from crm.domain.opportunities.models import Opportunity
from crm.domain.orders import actions as orders
from crm.domain.people.models import Department
from crm.domain.pool import due, moving, ruling, running
from crm.domain.pool.models import PoolRun
from crm.domain.timeline.actions import add_follow_up
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import unscoped
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import Event, because
from crm.kernel.why import Why, why
from tests.domain.pool.conftest import NIGHT


def at(ago):
    return clock.frozen(NIGHT - dt.timedelta(days=ago))


def followed(pool, customer, ago):
    with at(ago):
        add_follow_up(pool.cast.rep.actor, customer, {"kind": "call", "body": "Called"})


def deal(pool, customer, ago, **values):
    with at(ago):
        return opportunities.create(pool.cast.rep.actor, {"name": "Deal", "customer": customer.id} | values)


def closed_deal(pool, customer, ago):
    id_ = deal(pool, customer, ago)
    change = update(Opportunity).where(Opportunity.id == id_).values(closed_at=NIGHT - dt.timedelta(days=ago))
    with unscoped("a test writes down what was"):
        db.session.execute(change)


def ordered(pool, customer, ago):
    day = (NIGHT - dt.timedelta(days=ago)).date()
    orders.create(pool.cast.rep.actor, {"customer": customer.id, "ordered_on": day, "amount": 5, "name": "Order"})


def given(pool, customer, ago):
    with at(ago):
        customers.change(pool.cast.manager.actor, customer, {"owner": pool.cast.manager.id})
        customers.change(pool.cast.manager.actor, customer, {"owner": pool.cast.rep.id})


def protected(pool, customer, ahead):
    with at(40), because("A big chance"):
        until = (NIGHT + dt.timedelta(days=ahead)).date()
        moving.protect(pool.cast.manager.actor, customer, until)


def level(pool, customer, key):
    with at(60):
        customers.change(pool.cast.rep.actor, customer, {"level": key})


# (what happened, with what, what the rule says besides 30 days, whether it goes back)
CASES = {
    "never anything": (None, None, {}, True),
    "a call 29 days ago": (followed, 29, {}, False),
    "a call 31 days ago": (followed, 31, {}, True),
    "an order 10 days ago": (ordered, 10, {}, False),
    "an order 40 days ago": (ordered, 40, {}, True),
    "an order where orders do not count": (ordered, 10, {"orders": False}, True),
    "an open deal of long ago": (deal, 90, {}, False),
    "an open deal of long ago where these do not keep": (deal, 90, {"spares_deals": False}, True),
    "a deal made lately, where open ones do not keep": (deal, 10, {"spares_deals": False}, False),
    "a deal made lately, where deals count for nothing": (deal, 10, {"spares_deals": False, "deals": False}, True),
    "a closed deal of long ago": (closed_deal, 90, {}, True),
    "given to its owner lately": (given, 5, {}, False),
    "given to its owner long ago": (given, 35, {}, True),
    "protected beyond the night": (protected, 5, {}, False),
    "protected until before it": (protected, -3, {}, True),
    "of a level that stays": (level, "a", {"spares_levels": ("a",)}, False),
    "of another level": (level, "b", {"spares_levels": ("a",)}, True),
    "no days in the rule": (None, None, {"days": None}, False),
}


@pytest.mark.parametrize("case", CASES)
def test_what_keeps_a_customer_and_what_does_not(pool, case):
    happened, with_what, rule, goes = CASES[case]
    customer = pool.customer(pool.cast.rep)
    if happened is not None:
        happened(pool, customer, with_what)
    db.session.commit()
    pool.rule(**rule)
    with clock.frozen(NIGHT):
        shown, _ = due.preview(pool.cast.administrator.actor, read(), "return", {None, *read().of_department})
        day = due.goes_back_on(read(), pool.one(customer.id))
    assert (pool.night().returned, pool.one(customer.id).owner_id is None, shown) == (goes, goes, goes)
    assert (day == dt.date(2026, 11, 22)) is goes  # seen just after the first night: the next one


def test_it_says_for_how_long_nothing_happened_and_lies_in_its_department(pool, cast):
    customer = pool.customer(cast.rep)
    followed(pool, customer, 45)
    pool.rule()
    pool.night()
    back = pool.one(customer.id)
    assert (back.owner_id, back.department_id) == (None, cast.rep.department_id)
    event = db.session.scalars(select(Event).filter_by(name="customer.returned")).one()
    assert (event.payload["days"], event.payload["changes"]) == (44, {"owner": [cast.rep.id, None]})
    assert why(cast.rep.actor, back) == [Why.POOL]
    former = db.session.scalars(select(CustomerFormer)).one()
    assert (former.customer_id, former.person_id, former.left_at) == (customer.id, cast.rep.id, NIGHT)
    assert db.session.scalars(select(Notification.kind).filter_by(person_id=cast.rep.id)).all() == ["pooled"]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({}, "no follow-up, deal or order for 99 days"),
        ({"deals": False}, "no follow-up or order for 99 days"),
        ({"orders": False}, "no follow-up or deal for 99 days"),
        ({"deals": False, "orders": False}, "no follow-up for 99 days"),
    ],
)
def test_the_sentence_names_what_the_rule_counts_and_nothing_else(pool, cast, rule, said):
    pool.customer(cast.rep)
    pool.rule(**rule)
    pool.night()
    event = db.session.scalars(select(Event).filter_by(name="customer.returned")).one()
    assert event.kind.says(event.payload).endswith(said.replace("99", "%(days)s"))
    assert event.payload["days"] == 99


def test_contacts_go_along_and_nobody_sees_those_of_the_pool_but_whoever_reaches_them(pool, cast):
    customer = pool.customer(cast.rep)
    mine, not_mine = (
        contacts.create(who.actor, {"name": "Contact", "customer": customer.id}) for who in (cast.rep, cast.manager)
    )
    pool.rule()
    pool.night()

    def owners():
        with unscoped("a test looks at everything"):
            rows = db.session.execute(select(Contact.id, Contact.owner_id).order_by(Contact.id)).all()
        return {row.id: row.owner_id for row in rows}

    assert owners() == {mine: None, not_mine: cast.manager.id}
    assert not db.session.scalars(Contact.visible_to(cast.rep.actor)).all()
    moving.claim(cast.rep.actor, pool.one(customer.id))
    assert owners() == {mine: cast.rep.id, not_mine: cast.manager.id}
    told = select(Event.payload["changes"]).where(Event.name == "contact.changed").order_by(Event.id)
    assert db.session.scalars(told).all() == [{"owner": [cast.rep.id, None]}, {"owner": [None, cast.rep.id]}]


def test_nobody_loses_anything_before_having_been_warned_in_time(pool, cast):
    customer = pool.customer(cast.rep)
    pool.rule(warned_days=7)
    first = pool.night()
    assert (first.returned, first.warned) == (0, 1), "whoever makes a rule takes nothing away that very night"
    with clock.frozen(NIGHT):
        assert due.goes_back_on(read(), pool.one(customer.id)) == dt.date(2026, 11, 28)
    assert [pool.night(later).warned for later in (1, 6)] == [0, 0], "of one silence they are told once"
    assert pool.one(customer.id).owner_id == cast.rep.id
    assert pool.night(7).returned == 1
    kinds = select(Notification.kind).filter_by(person_id=cast.rep.id).order_by(Notification.id)
    assert db.session.scalars(kinds).all() == ["pool_near", "pooled"]


def test_the_warning_comes_before_the_days_are_over_and_a_call_undoes_it(pool, cast):
    customer = pool.customer(cast.rep, ago=24)
    pool.rule(warned_days=7)
    assert [pool.night(0).warned, pool.night(1).warned] == [1, 0]
    with clock.frozen(NIGHT + dt.timedelta(days=5)):
        add_follow_up(cast.rep.actor, pool.one(customer.id), {"kind": "call", "body": "Called"})
    assert [pool.night(later).returned for later in (8, 20)] == [0, 0]
    assert pool.night(30).warned == 1, "a new silence is told anew"
    assert pool.night(37).returned == 1


def test_a_night_happens_once_and_goes_on_where_it_was_left(pool, cast, monkeypatch):
    monkeypatch.setattr(running, "BATCH", 2)
    many = [pool.customer(cast.rep, name=f"C{n}") for n in range(5)]
    pool.rule()
    with clock.frozen(NIGHT):
        running.begin(dt.date(2026, 11, 21))
        running.begin(dt.date(2026, 11, 21))
        assert running.step() and running.step()  # who is meant, and the first two of them; then the worker dies
        db.session.commit()
    add_follow_up(cast.rep.actor, many[4], {"kind": "call", "body": "While it ran"})
    db.session.commit()
    run = pool.night()
    assert (run.total, run.returned, run.finished_at is not None) == (5, 4, True)
    assert pool.one(many[4].id).owner_id == cast.rep.id
    assert pool.night().returned == 4
    assert [pool.told(each).count("customer.returned") for each in many] == [1, 1, 1, 1, 0]
    assert len(db.session.scalars(select(PoolRun)).all()) == 1


def test_a_rule_counts_below_its_department_unless_there_is_a_nearer_one(pool, cast):
    north, north_east, south = cast.manager.department_id, cast.rep.department_id, cast.other_rep.department_id
    pool.rule(days=300)
    pool.rule(north, days=50)
    pools = pools_of(cast.administrator.actor)
    assert [pools.of(each).days for each in (None, north, north_east, south)] == [300, 50, 50, 300]
    mine, hers = pool.customer(cast.rep), pool.customer(cast.other_rep)
    assert pool.night().returned == 1
    assert (pool.one(mine.id).owner_id, pool.one(hers.id).owner_id) == (None, cast.other_rep.id)
    ruling.remove(cast.administrator.actor, db.session.get(Department, north))
    assert read().of(north_east).days == 300


def test_without_a_rule_nothing_goes_back(pool, cast):
    pool.customer(cast.rep, ago=3000)
    assert (pool.night().total, read().grouped()) == (0, [])


@pytest.mark.parametrize(
    ("said", "control"),
    [
        ({"days": 0}, "days"),
        ({"days": 7, "warned_days": 7}, "warned_days"),
        ({"claims": -1}, "claims"),
        ({"most": 10_000_000}, "most"),
        ({"most_of_level": {"a": -1}}, "most-a"),
        ({"spares_levels": ("z",)}, "spares_levels"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_with_its_control(cast, said, control):
    with pytest.raises(Invalid) as refused:
        ruling.save(cast.administrator.actor, None, Rule(**said))
    assert refused.value.params["key"] == control


def test_by_hand_it_takes_a_reason_and_the_right_to_give(pool, cast):
    customer = pool.customer(cast.rep)
    with pytest.raises(Invalid, match="Say why"):
        moving.release(cast.manager.actor, customer)
    with because("Nobody has time"):
        with pytest.raises(RuleBroken):
            moving.release(cast.rep.actor, customer)
        moving.release(cast.manager.actor, customer)
        with pytest.raises(RuleBroken, match="already"):
            moving.release(cast.manager.actor, pool.one(customer.id))
    event = db.session.scalars(select(Event).filter_by(name="customer.released")).one()
    assert (event.reason, event.payload["changes"]) == ("Nobody has time", {"owner": [cast.rep.id, None]})


def test_the_quiet_ones_are_found_by_their_index(pool, cast):
    pool.rule()
    customers.create_many(cast.rep.actor, [{"name": f"Firm {n}"} for n in range(2_000)])  # of which nearly none is due
    db.session.execute(text("ANALYZE customers"))
    for _, _, meant in due.all_due(read(), dt.date(2026, 11, 21)):
        said = str(meant.compile(db.engine, compile_kwargs={"literal_binds": True})).replace(":", "\\:")
        db.session.execute(text("SET LOCAL enable_seqscan = off"))
        plan = "\n".join(db.session.scalars(text("EXPLAIN " + said)))
        assert "ix_customers_quiet" in plan, plan
