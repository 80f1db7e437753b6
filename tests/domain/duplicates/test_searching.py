"""Pairs in the whole base: found by a worker that may be killed at any step, shown to whoever sees both."""

import pytest
from sqlalchemy import func, select

from crm.domain.contacts import actions as contacts
from crm.domain.customers import actions as customers
from crm.domain.duplicates import searching
from crm.domain.duplicates.models import DONE, DuplicateKey, DuplicatePair
from crm.domain.duplicates.queries import pairs
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db
from crm.jobs.duplicates import sweep
from crm.kernel.events import Event

CUSTOMER = RECORD_TYPES["customers"]


@pytest.fixture(autouse=True)
def short_stretches(monkeypatch):
    monkeypatch.setattr(searching, "STRETCH", 7)
    monkeypatch.setattr(searching, "KEYS", 5)


@pytest.fixture
def base(cast, make):
    """Two pairs of Sam's, one across departments, and many that are like nobody."""
    for at in range(20):
        make(cast.rep, f"{'东西南北中'[at % 5]}{'山河湖海'[at % 4]}{'甲乙丙丁戊己庚辛'[at % 8]}食品有限公司")
    return {
        "name": (make(cast.rep, "深圳市云海计算机系统有限公司"), make(cast.rep, "雲海計算機系統（深圳）股份有限公司")),
        "phone": (
            make(cast.rep, "北京恒通贸易", phone="+8613800138000"),
            make(cast.rep, "恒通国际贸易有限公司", phone="+8613800138000"),
        ),
        "across": (make(cast.rep, "长江重工有限公司"), make(cast.other_rep, "长江重工")),
    }


def searched(who):
    search = searching.ask(who.actor, CUSTOMER)
    for _ in range(500):
        if search.state == DONE:
            return search
        searching.step(search)
        db.session.flush()
        db.session.expire_all()
    raise AssertionError("it does not end")


def found(who):
    return {(each.first.id, each.second.id) for each in pairs(who.actor, CUSTOMER)}


def test_pairs_are_found_and_shown_to_whoever_sees_both(cast, base):
    search = searched(cast.administrator)
    assert found(cast.administrator) == set(base.values()) and search.found == 3
    assert found(cast.rep) == {base["name"], base["phone"]} == found(cast.manager)
    assert found(cast.other_rep) == found(cast.outsider) == set()
    scores = [each.score for each in pairs(cast.administrator.actor, CUSTOMER)]
    assert scores == sorted(scores, reverse=True) and min(scores) >= searching.THRESHOLD
    assert search.looked_at == 26
    assert db.session.scalar(select(func.count()).select_from(DuplicateKey)) == 0


def test_a_worker_goes_on_where_another_was_killed(cast, base):
    """Every step done twice, as after a transaction that was lost, finds the same."""
    search = searching.ask(cast.administrator.actor, CUSTOMER)
    for _ in range(500):
        if search.state == DONE:
            break
        lost = db.session.begin_nested()
        searching.step(search)
        db.session.flush()
        lost.rollback()
        db.session.refresh(search)
        searching.step(search)
        db.session.flush()
    assert found(cast.administrator) == set(base.values())
    assert search.looked_at == 26


def test_it_is_done_by_a_worker(cast, base):
    searching.ask(cast.administrator.actor, CUSTOMER)
    db.session.commit()
    assert sweep() > 5
    assert found(cast.administrator) == set(base.values())
    assert searching.next_search() is None


def test_who_asks_while_one_waits_waits_with_it(cast, base):
    assert searching.ask(cast.administrator.actor, CUSTOMER) is searching.ask(cast.rep.actor, CUSTOMER)


def test_what_is_said_to_be_two_stays_two(cast, base, row):
    searched(cast.administrator)
    first, second = base["name"]
    pair = db.session.get(DuplicatePair, ("customers", first, second))
    searching.part(cast.rep.actor, pair, row(first), row(second))
    db.session.flush()
    assert base["name"] not in found(cast.administrator)
    searched(cast.administrator)
    assert base["name"] not in found(cast.administrator)
    said = db.session.scalars(select(Event.subject_id).filter_by(name="record.pair_parted")).all()
    assert set(said) == {first, second}


def test_what_is_not_alike_any_more_is_forgotten(cast, base, row):
    searched(cast.administrator)
    first, second = base["phone"]
    customers.change(cast.rep.actor, row(first), {"name": "东方汽车"})
    customers.change(cast.rep.actor, row(first), {"phone": None})
    customers.delete(cast.rep.actor, row(base["across"][0]))
    db.session.flush()
    searched(cast.administrator)
    assert found(cast.administrator) == {base["name"]}


def test_what_very_many_have_in_common_is_left_out(cast, make, monkeypatch):
    monkeypatch.setattr(searching, "MOST", 3)
    for at in range(5):
        make(cast.rep, "Shared phone", phone="+8613800138000", website=f"https://x{at}.example.com")
    assert searched(cast.administrator).found == 0


def test_contacts_are_searched_by_what_they_declare(cast):
    at = customers.create(cast.rep.actor, {"name": "云海"})
    two = [contacts.create(cast.rep.actor, {"name": "陈志远", "customer": at}) for _ in range(2)]
    contacts.create(cast.rep.actor, {"name": "李明", "customer": at})
    search = searching.ask(cast.administrator.actor, RECORD_TYPES["contacts"])
    while search.state != DONE:
        searching.step(search)
        db.session.flush()
    assert [(each.first.id, each.second.id) for each in pairs(cast.rep.actor, RECORD_TYPES["contacts"])] == [tuple(two)]
