"""The demonstration company, made through the verbs and read back through the lists."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from itertools import product

import brotli
import pytest
from flask import Flask
from sqlalchemy import func, select

from crm.demo import doubles
from crm.demo.company import COLLEAGUES, UNITS
from crm.demo.customers import customers
from crm.demo.populate import Filled, populate
from crm.domain.automation.models import AutomationEvent, AutomationRule
from crm.domain.customers.models import Customer
from crm.domain.customers.pool_rules import read
from crm.domain.customers.queries import CUSTOMERS
from crm.domain.customers.record_type import CUSTOMER
from crm.domain.customers.value import CustomerValue
from crm.domain.dashboards.table import DASHBOARDS
from crm.domain.duplicates import searching
from crm.domain.duplicates.queries import pairs
from crm.domain.goals.periods import start_of
from crm.domain.goals.queries import goals_of, reached
from crm.domain.intake.queries import forms, waiting
from crm.domain.leads.models import Lead, LeadStatus
from crm.domain.opportunities.history import stays
from crm.domain.opportunities.models import Opportunity
from crm.domain.orders.models import Order
from crm.domain.people.models import Department, Person
from crm.domain.people.passwords import verify
from crm.domain.people.queries import by_email
from crm.domain.people.roles import READY_MADE
from crm.domain.satisfaction import report
from crm.domain.tickets import queue
from crm.domain.tickets.models import Ticket
from crm.domain.timeline.models import FollowUp
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import unscoped
from crm.kernel.asking import Query
from crm.kernel.company import company
from crm.kernel.errors import RuleBroken
from crm.kernel.events import Event
from crm.kernel.shaping import fields_for
from tests.cast import sign_in

COUNT = 120


@pytest.fixture(scope="module")
def filled(migrated: Flask) -> Iterator[Filled]:
    """Made once: the tests here only look."""
    connection = db.engine.connect()
    transaction = connection.begin()
    db.session.remove()
    db.session.configure(bind=connection, join_transaction_mode="create_savepoint")
    yield populate(seed=3, count=COUNT)
    db.session.remove()
    db.session.configure(bind=None)
    transaction.rollback()
    connection.close()


def person(key: str) -> Person:
    found = by_email(f"{key}@example.com")
    assert found is not None
    return found


def all_customers() -> list[Customer]:
    """But those that leads became."""
    actor = person("chen.siyuan").actor
    became = Lead.visible_to(actor).where(Lead.customer_id.is_not(None)).with_only_columns(Lead.customer_id)
    known = Customer.visible_to(actor).where(Customer.id.not_in(became))
    return list(db.session.scalars(known.order_by(Customer.id)))


def test_it_makes_departments_in_a_tree_and_people_who_can_sign_in(filled):
    assert filled.departments == len(UNITS)
    sales = db.session.scalars(select(Department).where(Department.name.startswith("销售中心"))).one()
    below = db.session.scalars(select(Department).where(Department.path.startswith(sales.path))).all()
    assert len(below) == 4
    assert len(filled.accounts) == len(COLLEAGUES) == 15
    for _, email, role in filled.accounts:
        someone = by_email(email)
        assert someone is not None and someone.department_id
        assert someone.actor.reach.items() >= {k: v for k, v in READY_MADE[role].reach.items() if v}.items()
        assert verify(someone.password_hash, filled.password)


def test_customers_are_spread_over_reps_and_two_years(filled):
    customers = all_customers()
    assert len(customers) == filled.customers == COUNT
    by_owner = Counter(each.owner_id for each in customers)
    assert len(by_owner) >= 8
    assert max(by_owner.values()) > 3 * min(by_owner.values())
    assert all(each.department_id for each in customers)
    assert clock.now() - min(each.created_at for each in customers) > dt.timedelta(days=600)
    assert max(each.created_at for each in customers) < clock.now()
    assert all(
        f"CUST{each.created_at.astimezone(dt.timezone(dt.timedelta(hours=8))):%Y%m%d}" in each.number
        for each in customers
    )


def test_each_customer_has_the_event_of_its_making_at_its_own_time(filled):
    made = {each.subject_id: each for each in db.session.scalars(select(Event).filter_by(name="customer.created"))}
    customers = all_customers()
    assert set(made) > {each.id for each in customers}
    assert all(made[each.id].occurred_at == each.created_at for each in customers)
    assert all(made[each.id].actor_id == each.created_by_id for each in customers)


def test_follow_ups_are_of_the_last_months_and_each_by_the_owner(filled):
    follow_ups = db.session.scalars(select(FollowUp).filter_by(subject_type="customers")).all()
    assert COUNT < len(follow_ups) == filled.follow_ups < 2.2 * COUNT
    owners = {each.id: each for each in all_customers()}
    now = clock.now()
    for each in follow_ups:
        customer = owners[each.subject_id]
        assert customer.owner_id in (each.author_id, None)  # some lie in the public pool by now
        assert max(customer.created_at, now - dt.timedelta(days=124)) <= each.happened_at < now
    added = select(func.count()).select_from(Event).filter_by(name="follow_up.added", subject_type="customers")
    assert db.session.scalar(added) == len(follow_ups)


def test_a_customer_knows_its_last_and_next_follow_up(filled):
    today = dt.date.today()
    for customer in all_customers():
        own = db.session.scalars(select(FollowUp).filter_by(customer_id=customer.id)).all()
        assert customer.last_follow_up_at == max((each.happened_at for each in own), default=None)
        ahead = [each.next_on for each in own if each.next_on and each.next_on >= today]
        if ahead:
            assert customer.next_follow_up_on == min(ahead)
    assert sum(each.next_follow_up_on is not None and each.next_follow_up_on > today for each in all_customers()) > 15


def test_some_lie_in_the_public_pool_and_tags_have_a_meaning(filled):
    actor = person("chen.siyuan").actor
    pooled = Customer.visible_to(actor).where(Customer.owner_id.is_(None))  # some of them leads have become
    assert filled.pooled == len(db.session.scalars(pooled).all()) > 0
    assert len(read().own) == 2
    tags = next(each for each in fields_for(actor, "customers", CUSTOMERS.fields) if each.key == "tags").tags
    put_on = {key for each in all_customers() for key in tags.now(each.tags or ())}
    assert put_on & tags.by_key.keys() and put_on - tags.by_key.keys()


def test_some_customers_belong_to_others_made_before(filled):
    customers = {each.id: each for each in all_customers()}
    subsidiaries = [each for each in customers.values() if each.parent_id]
    assert subsidiaries
    assert all(
        customers[each.parent_id].id < each.id and "集团" in customers[each.parent_id].name for each in subsidiaries
    )


def test_the_list_finds_what_was_made(filled):
    actor = person("chen.siyuan").actor
    assert CUSTOMERS.count(actor, Query()).number > COUNT
    assert CUSTOMERS.count(actor, Query(search="科技")).number
    rep = person("wang.jianguo").actor
    assert 0 < CUSTOMERS.count(rep, Query()).number < COUNT


def test_it_refuses_a_system_in_use(filled):
    with pytest.raises(RuleBroken, match="already"):
        populate(seed=3, count=10)
    with unscoped("counted below"):
        assert db.session.scalar(select(func.count()).select_from(Customer)) < 1.1 * COUNT


def test_it_has_six_fields_of_its_own_most_of_them_filled_in(filled):
    actor = person("chen.siyuan").actor
    own = [each for each in CUSTOMERS.open_to(actor).fields if each.custom]
    assert len(own) == 6
    for field in own:
        held = [value for each in all_customers() if (value := field.value_in(each)) is not None]
        assert COUNT / 4 < len(held) < COUNT, field.key
    page = CUSTOMERS.page(actor, Query.from_args([(f"{own[0].key}__filled", "1"), ("cols", own[0].key)]))
    assert page.rows


def test_each_kind_of_person_has_a_layout_of_their_own(filled):
    found = {}
    for role in ("sales_rep", "service_agent", "marketing", "auditor"):
        who = next(by_email(email) for _, email, held in filled.accounts if held == role)
        found[role] = [(each.key, tuple(it.key for it in each.fields)) for each in CUSTOMER.open_to(who.actor).sections]
    assert len({tuple(each) for each in found.values()}) == 4
    assert [key for key, _ in found["sales_rep"]] == ["reach", "basics", "belonging", "section-1"]
    assert len(dict(found["sales_rep"])["section-1"]) == 3


def test_only_companies_have_employees(filled):
    own = next(each for each in CUSTOMER.open_to(person("chen.siyuan").actor).fields if each.shown_if)
    kinds = {each.type for each in all_customers() if own.value_in(each) is not None}
    assert kinds == {"company"}


def test_a_year_of_leads_stands_everywhere_on_the_way(filled):
    actor = person("chen.siyuan").actor
    leads = db.session.scalars(Lead.visible_to(actor)).all()
    assert len(leads) == filled.leads == COUNT * 15 // 100
    assert {each.status for each in leads} >= {"new", "contacted", "won", "discarded"}
    assert any(each.owner_id is None for each in leads) and len({each.score for each in leads}) > 2
    assert clock.now() - min(each.created_at for each in leads) > dt.timedelta(days=300)
    assert all(each.customer_id and each.opportunity_id for each in leads if each.status == "won")
    entered = db.session.execute(select(LeadStatus.entered_at, LeadStatus.left_at)).all()
    assert all(left is None or entry <= left <= clock.now() for entry, left in entered)


def test_a_year_of_deals_is_on_the_board(filled):
    actor = person("chen.siyuan").actor
    of_leads = Lead.visible_to(actor).where(Lead.opportunity_id.is_not(None)).with_only_columns(Lead.opportunity_id)
    deals = list(db.session.scalars(Opportunity.visible_to(actor).where(Opportunity.id.not_in(of_leads))))
    assert COUNT / 10 < len(deals) == filled.opportunities < COUNT / 2
    assert {each.stage for each in deals} >= {"contacted", "won", "lost"}
    for each in deals:
        history = stays(each)
        assert [it.until for it in history][0] is None and history[0].stage == each.stage
        assert history[-1].since == each.created_at and each.owner_id == each.created_by_id
        assert bool(each.closed_at) == (each.stage in ("won", "lost"))
        assert bool(each.lost_reason) == (each.stage == "lost")
        assert each.next_follow_up_on or each.closed_at


def test_there_is_a_year_of_orders_and_what_follows_from_it(filled):
    orders = db.session.scalars(Order.visible_to(person("chen.siyuan").actor)).all()
    today = company.today()
    assert COUNT < len(orders) == filled.orders
    assert all(today - dt.timedelta(days=365) <= each.ordered_on < today for each in orders)
    customers = {each.id: each for each in all_customers()}
    for each in orders:
        assert customers[each.customer_id].owner_id in (each.owner_id, None)  # some lie in the public pool by now
        assert each.ordered_on > customers[each.customer_id].created_at.date()
    counted = [each for each in orders if each.status not in ("cancelled", "returned")]
    values = db.session.scalars(select(CustomerValue)).all()
    assert sum(each.order_total for each in values) == sum(each.amount for each in counted)
    assert len({each.rfm_segment for each in values}) > 4
    goals = goals_of(person("chen.siyuan").actor, "month", start_of("month", today))
    assert len(goals) > 10 and sum(each.percent > 0 for each in reached(goals)) > 5
    assert goals_of(person("zhou.min").actor, "month", start_of("month", today))


def test_some_customers_are_there_twice_and_the_search_finds_them(filled, monkeypatch):
    monkeypatch.setattr(doubles, "EVERY", 40)
    boss = person("chen.siyuan")
    sketches = list(customers(3, COUNT))
    with db.session.begin_nested() as here:
        made = doubles.make_doubles(sketches, [boss], boss, clock.now())
        search = searching.next_search()
        while search.finished_at is None:
            searching.step(search)
            db.session.flush()
        found = [each for each in pairs(boss.actor, CUSTOMER) if each.score > 0.9]
        here.rollback()
    assert made == COUNT // 40 <= len(found)


def test_service_has_a_queue_with_what_waits_and_what_is_done(filled: Filled) -> None:
    with unscoped("the test counts"):
        by_status = Counter(db.session.scalars(select(Ticket.status)))
        answered = db.session.scalar(select(func.count()).where(Ticket.responded_at.is_not(None)))
        asked_sales = db.session.scalar(select(func.count()).where(Ticket.sales_task_id.is_not(None)))
    assert by_status.total() == filled.tickets == COUNT // 8
    assert by_status["closed"] and answered and asked_sales is not None
    agent = person("wu.xiaohong").actor
    assert [each.id for each in queue.teams(agent)] == [agent.department_id]


def test_strangers_have_answered_and_written(filled: Filled) -> None:
    boss = person("chen.siyuan").actor
    total = report.total(boss, None)
    assert 0 < total.answered < total.asked and 1 < (total.mean or 0) < 5
    assert [each.key for each in forms()] == ["trial", "help"] and sum(waiting().values()) == 3


def test_rules_of_automation_wait_for_what_visitors_do(filled):
    rules = db.session.scalars(select(AutomationRule).where(AutomationRule.active)).all()
    assert len(rules) == filled.rules >= 5 and all(each.rights for each in rules)
    assert not db.session.scalar(select(AutomationEvent.id).limit(1))  # none of the company's past


def test_a_dashboard_of_it_weighs_at_most_eight_kilobytes(filled: Filled, migrated: Flask, monkeypatch) -> None:
    """Twelve months, for whoever sees all of it, in both languages, as it goes over the wire."""
    monkeypatch.setattr("crm.blueprints.dashboards.page.AT_ONCE_S", 60)
    for key, language in product(DASHBOARDS, ("en", "zh_CN")):
        person("chen.siyuan").language = language
        client = sign_in(migrated.test_client(), person("chen.siyuan"))
        answer = client.get(f"/dashboards/{key}", headers={"Accept-Encoding": "br"})
        assert answer.headers["Content-Encoding"] == "br"
        page = brotli.decompress(answer.data).decode()
        assert page.count('<svg class="picture"') == len(DASHBOARDS[key].tiles), key
        print(f"{key} in {language}: {len(answer.data)} of {len(page)} bytes")
        assert len(answer.data) <= 8 * 1024, f"{key} in {language}: {len(answer.data)}"
