"""Contacts: one main one for each customer, where they have worked, and what is said to them told on the customer."""

import pytest
from sqlalchemy import select

from crm.domain.contacts import actions
from crm.domain.contacts.models import Contact
from crm.domain.contacts.queries import employers
from crm.domain.contacts.record_type import CONTACT
from crm.domain.customers import actions as customers
from crm.domain.customers.models import Customer
from crm.domain.timeline import actions as timeline
from crm.domain.timeline.queries import timeline as timeline_of
from crm.infra.db import db
from crm.kernel.access import unscoped
from crm.kernel.errors import RuleBroken
from crm.kernel.events import Event


def one(entity, id_):
    with unscoped("a test looks at everything"):
        return db.session.get(entity, id_, populate_existing=True)


@pytest.fixture
def customer(cast):
    return one(Customer, customers.create(cast.rep.actor, {"name": "远大科技"}))


def made(person, customer, *names, **values):
    rows = [{"name": name, "customer": customer.id} | values for name in names]
    return [one(Contact, id_) for id_ in actions.create_many(person.actor, rows)]


def test_a_contact_has_a_number_an_owner_and_the_facts_of_its_type(cast, customer):
    (li,) = made(cast.rep, customer, "李蕾")
    assert li.number.startswith("CONT") and (li.owner_id, li.department_id) == (cast.rep.id, cast.rep.department_id)
    told = db.session.scalars(select(Event).filter_by(subject_type="contacts", subject_id=li.id)).one()
    assert told.name == "contact.created" and told.payload["values"] == {"name": "李蕾", "customer": customer.id}


def test_whoever_becomes_the_main_contact_takes_the_place_of_the_one_before(cast, customer):
    li, wang = made(cast.rep, customer, "李蕾", "王芳", main=True)
    assert [one(Contact, each.id).main for each in (li, wang)] == [False, True], "the last of a file wins"
    actions.change(cast.rep.actor, one(Contact, li.id), {"main": True})
    db.session.flush()
    assert [one(Contact, each.id).main for each in (li, wang)] == [True, False]
    told = select(Event).filter_by(subject_type="contacts", subject_id=wang.id, name="contact.changed")
    assert [each.payload["changes"] for each in db.session.scalars(told)][-1] == {"main": [True, False]}


def test_another_customer_keeps_its_main_contact(cast, customer):
    other = one(Customer, customers.create(cast.rep.actor, {"name": "Other"}))
    (li,), (zhao,) = made(cast.rep, customer, "李蕾", main=True), made(cast.rep, other, "赵敏", main=True)
    assert one(Contact, li.id).main and one(Contact, zhao.id).main
    actions.change(cast.rep.actor, one(Contact, zhao.id), {"customer": customer.id})
    db.session.flush()
    assert [one(Contact, each.id).main for each in (li, zhao)] == [False, True], "who comes as main one is it"


def test_where_somebody_has_worked_is_remembered(cast, customer):
    new = one(Customer, customers.create(cast.rep.actor, {"name": "New employer"}))
    (li,) = made(cast.rep, customer, "李蕾")
    actions.change(cast.rep.actor, li, {"customer": new.id})
    actions.change(cast.rep.actor, li, {"position": "CTO"})
    assert [(each.customer_id, each.until is None) for each in employers(li)] == [(new.id, True), (customer.id, False)]


def bodies(person, customer):
    db.session.refresh(customer)  # as a page has it
    return [each.follow_up.body for each in timeline_of(person.actor, customer).entries if each.follow_up]


def test_what_is_said_to_a_contact_stands_on_the_customer_for_whoever_sees_the_contact(cast, customer):
    (li,) = made(cast.rep, customer, "李蕾")
    (hidden,) = made(cast.administrator, customer, "Secret contact")
    timeline.add_follow_up(cast.rep.actor, li, {"kind": "call", "body": "Said to Li"})
    timeline.add_follow_up(cast.administrator.actor, hidden, {"kind": "call", "body": "Said in secret"})
    timeline.add_follow_up(cast.rep.actor, customer, {"kind": "visit", "body": "Said to all"})
    assert sorted(bodies(cast.rep, customer)) == ["Said to Li", "Said to all"]
    assert "Said in secret" in bodies(cast.administrator, customer)
    assert one(Customer, customer.id).last_follow_up_at == max(
        each.at for each in timeline_of(cast.administrator.actor, customer).entries if each.follow_up
    )


def test_what_was_said_stays_with_the_customer_of_that_time(cast, customer):
    new = one(Customer, customers.create(cast.rep.actor, {"name": "New employer"}))
    (li,) = made(cast.rep, customer, "李蕾")
    timeline.add_follow_up(cast.rep.actor, li, {"kind": "call", "body": "Before"})
    actions.change(cast.rep.actor, li, {"customer": new.id})
    timeline.add_follow_up(cast.rep.actor, li, {"kind": "call", "body": "After"})
    assert (bodies(cast.rep, customer), bodies(cast.rep, new)) == (["Before"], ["After"])


def test_a_purged_customer_leaves_its_contacts_behind(cast, customer):
    (li,) = made(cast.rep, customer, "李蕾", main=True)
    customers.delete(cast.administrator.actor, customer)
    customers.purge(cast.administrator.actor, customer)
    db.session.flush()
    assert (one(Contact, li.id).customer_id, employers(li)) == (None, [])


def test_a_contact_is_not_given_away_without_the_right(cast, customer):
    with pytest.raises(RuleBroken):
        made(cast.rep, customer, "李蕾", owner=cast.other_rep.id)


def test_contacts_are_alike_by_name_and_phone(cast, customer):
    (li,) = made(cast.rep, customer, "李 蕾")
    matching = CONTACT.matching
    key = matching.match_key({"name": "李蕾"})
    assert matching.matches(cast.rep.actor, [key]) == {key: li.id}
    assert matching.matches(cast.outsider.actor, [key]) == {}
