"""Who is found while somebody types, and what is told of whom."""

import pytest

from crm.domain.contacts import actions as contacts
from crm.domain.contacts.likeness import LIKENESS as OF_CONTACTS
from crm.domain.contacts.models import Contact
from crm.domain.customers import actions as customers
from crm.domain.customers.likeness import LIKENESS
from crm.domain.customers.models import Customer
from crm.domain.records.alike import met
from crm.infra.db import db
from crm.kernel.contact import Phone
from crm.kernel.text import N_

NAME = "深圳市云海计算机系统有限公司"
PHONE = Phone("+8613800138000", "138 0013 8000")


def ask(who, **values):
    return met(who.actor, Customer, LIKENESS, {"name": ""} | values)


def ids(found):
    return [each.id for each in found.seen]


@pytest.mark.parametrize(
    "typed",
    [
        NAME,
        "雲海計算機系統（深圳）股份有限公司",
        "云海 计算机系统",
        "云海计算机系统",
        "芸海计算机系统有限公司",  # of the same sound
        "云海计算机糸统有限公司",  # of the same looks
        "云海计算系统",  # a character left out
        "云海计算",  # still being typed
        "（深圳）云海计算机系统",
    ],
)
def test_a_company_is_found_however_it_is_written(cast, make, typed):
    meant = make(cast.rep, NAME)
    make(cast.rep, "深圳市恒通计算机系统有限公司")
    make(cast.rep, "上海东方贸易有限公司")
    assert ids(ask(cast.rep, name=typed))[:1] == [meant]


@pytest.mark.parametrize(
    "typed", ["Siemens Building AG", "Siemans Building", "siemens", "Building, Siemens (Shanghai) Ltd"]
)
def test_a_company_of_latin_letters_too(cast, make, typed):
    meant = make(cast.rep, "Siemens Building Ltd.")
    make(cast.rep, "Sierra Plastics Inc.")
    assert ids(ask(cast.rep, name=typed)) == [meant]


def test_by_phone_or_mail_alone_or_under_another_name(cast, make):
    meant = make(cast.rep, NAME, phone=PHONE.e164, email="Li.Lei@yunhai.cn")
    assert ids(ask(cast.rep, phone=PHONE)) == ids(ask(cast.rep, email="li.lei@YUNHAI.cn")) == [meant]
    found = ask(cast.rep, name="恒通贸易", phone=PHONE)
    assert ids(found) == [meant] and found.asks
    assert found.seen[0].why == ("same phone",)


def test_the_same_phone_is_found_behind_more_of_the_same_name_than_are_looked_at(cast):
    """Names bring 120 at most; a phone is asked for apart from them."""
    rows = [{"name": "陈志远", "phone": PHONE} if at in (0, 149) else {"name": "陈志远"} for at in range(150)]
    made = contacts.create_many(cast.rep.actor, rows)
    found = met(cast.rep.actor, Contact, OF_CONTACTS, {"name": "陈志远", "phone": PHONE})
    assert sorted(ids(found)[:2]) == [made[0], made[149]] and found.asks
    assert all("same phone" in each.why for each in found.seen[:2])


def test_another_company_is_not(cast, make):
    make(cast.rep, NAME, phone="+8613900139000", email="a@yunhai.cn")
    found = ask(cast.rep, name="深圳市恒通贸易有限公司", phone=PHONE, email="b@hengtong.cn")
    assert not found.seen and not found.asks


def test_the_same_name_in_another_city_is_told_but_not_asked_about(cast, make):
    meant = make(cast.rep, "北京云海科技有限公司")
    found = ask(cast.rep, name="上海云海科技有限公司")
    assert ids(found) == [meant] and not found.asks
    assert ask(cast.rep, name="北京云海科技").asks


def test_of_what_is_not_theirs_people_learn_the_department_and_nothing_else(cast, make):
    make(cast.other_rep, NAME, phone=PHONE.e164)
    make(cast.other_rep, NAME)
    for typed in ({"name": NAME}, {"phone": PHONE}, {"name": "云海计算机系统"}):
        found = ask(cast.rep, **typed)
        assert (found.seen, found.departments) == ([], [cast.other_rep.department_id]) and found.asks
    assert len(ids(ask(cast.administrator, name=NAME))) == 2
    assert ask(cast.administrator, name=NAME).departments == []


def test_of_what_is_not_theirs_nothing_is_told_unless_it_is_sure(cast, make):
    make(cast.other_rep, "北京云海科技有限公司")
    for name in ("云海", "上海云海科技有限公司", "北京云帆科技有限公司"):
        found = ask(cast.rep, name=name)
        assert not found.departments and not found.hidden


def test_nobody_finds_by_what_they_may_not_read(cast, make):
    """The marketer sees every customer, but not how to reach them."""
    make(cast.rep, NAME, phone=PHONE.e164, email="li.lei@yunhai.cn")
    assert not ask(cast.marketer, phone=PHONE).seen
    assert not ask(cast.marketer, email="li.lei@yunhai.cn").seen
    assert ask(cast.marketer, name=NAME, phone=PHONE).seen[0].why == ("same or similar name",)


def test_what_is_in_the_bin_is_not_there_and_nobody_is_like_themselves(cast, make, row):
    meant = make(cast.rep, NAME)
    assert not met(cast.rep.actor, Customer, LIKENESS, {"name": NAME}, meant).seen
    customers.delete(cast.rep.actor, row(meant))
    db.session.flush()
    assert not ask(cast.rep, name=NAME).seen


def test_a_person_is_not_a_company_of_that_name(cast, make):
    make(cast.rep, "陈志远", type="person")
    assert not ask(cast.rep, name="陈志远贸易有限公司").asks
    assert ids(ask(cast.rep, name="陈志远", type="person"))


def test_contacts_have_it_by_declaring_their_likeness(cast):
    at = customers.create(cast.rep.actor, {"name": NAME})
    meant = contacts.create(cast.rep.actor, {"name": "陈志远", "customer": at})
    ask = lambda **values: met(cast.rep.actor, Contact, OF_CONTACTS, values)  # noqa: E731
    assert [each.id for each in ask(name="陈志远", customer=at).seen] == [meant] and ask(
        name="陈志远", customer=at
    ).asks
    assert not ask(name="陈志远").asks, "many are called so"
    assert N_("at the same place") in ask(name="陈志远", customer=at).seen[0].why
