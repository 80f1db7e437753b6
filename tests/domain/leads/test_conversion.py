"""A lead becomes customer and contact, or part of those there are; and that is taken back."""

import datetime as dt

import pytest
from sqlalchemy import select

from crm.domain.contacts.models import Contact
from crm.domain.customers import actions as customers
from crm.domain.customers.models import Customer
from crm.domain.leads import actions
from crm.domain.leads.converting import Chosen, convert
from crm.domain.leads.duplicates import contacts_like, customers_like
from crm.domain.leads.undoing import CHANGED, DAYS, NEEDED, undo
from crm.domain.opportunities.models import Opportunity
from crm.domain.opportunities.taking_part import taking_part
from crm.domain.timeline.actions import add_follow_up
from crm.domain.timeline.models import FollowUp
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import unscoped
from crm.kernel.contact import parse_phone
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import Event

VALUES = {
    "name": "陈志远",
    "company": "云海科技有限公司",
    "phone": parse_phone("138 0013 8765", "CN"),
    "email": "chen@yunhai.example.com",
    "position": "采购经理",
    "source": "exhibition",
    "industry": "I6510",
}


@pytest.fixture
def lead(cast, leads):
    return leads.create(cast.rep, **VALUES)


def record(entity, id_):
    with unscoped("a test looks at everything"):
        statement = select(entity).where(entity.id == id_).execution_options(populate_existing=True)
        return db.session.scalars(statement).one()


def test_customer_and_contact_are_made_and_what_was_said_goes_along(cast, leads, lead):
    add_follow_up(cast.rep.actor, lead, {"kind": "call", "body": "Interested"})
    convert(cast.rep.actor, lead, Chosen())
    customer, contact = record(Customer, lead.customer_id), record(Contact, lead.contact_id)
    assert (customer.name, customer.type, customer.source) == ("云海科技有限公司", "company", "exhibition")
    assert (customer.phone, customer.phone_original) == ("+8613800138765", "138 0013 8765")
    assert (contact.name, contact.position, contact.customer_id) == ("陈志远", "采购经理", customer.id)
    assert (customer.owner_id, contact.owner_id) == (cast.rep.id, cast.rep.id)
    assert [status for status, _, _ in leads.history(lead)] == ["new", "won"]
    said = db.session.scalars(select(FollowUp)).one()
    assert (said.subject_type, said.subject_id, said.customer_id) == ("leads", lead.id, customer.id)
    assert customer.last_follow_up_at == said.happened_at
    told = db.session.scalars(select(Event).filter_by(name="lead.converted")).one().payload
    assert told["became"] == {"customers": customer.number, "contacts": contact.number}


def test_who_asks_twice_gets_the_same(cast, lead):
    first = convert(cast.rep.actor, lead, Chosen())
    assert convert(cast.rep.actor, lead, Chosen()).id == first.id
    assert len(db.session.scalars(Customer.visible_to(cast.rep.actor)).all()) == 1


def test_a_person_without_a_company_is_the_customer(cast, leads):
    lead = leads.create(cast.rep, name="王芳")
    convert(cast.rep.actor, lead, Chosen(with_contact=False))
    assert (record(Customer, lead.customer_id).type, lead.contact_id) == ("person", None)


def test_it_is_attached_to_what_is_there(cast, lead):
    there = customers.create(cast.rep.actor, {"name": "云海科技 有限公司"})
    convert(cast.rep.actor, lead, Chosen(customer=there))
    assert (lead.customer_id, record(Contact, lead.contact_id).customer_id) == (there, there)
    told = db.session.scalars(select(Event.name).filter_by(subject_type="customers", subject_id=there))
    assert sorted(told) == ["customer.created", "lead.arrived"]


def test_nobody_attaches_to_what_they_cannot_see(cast, lead):
    hers = customers.create(cast.other_rep.actor, {"name": "Hers"})
    with pytest.raises(Invalid, match="not there"):
        convert(cast.rep.actor, lead, Chosen(customer=hers))


def test_who_is_there_already_is_found_by_name_phone_and_mail(cast, lead):
    rep, phone = cast.rep.actor, VALUES["phone"]
    by_name = customers.create(rep, {"name": "云海科技（有限公司）"})
    by_phone = customers.create(rep, {"name": "Quite another", "phone": phone})
    by_mail = customers.create(rep, {"name": "A third", "email": VALUES["email"]})
    customers.create(rep, {"name": "Nobody", "phone": parse_phone("138 0013 8766", "CN")})
    customers.create(cast.other_rep.actor, {"name": VALUES["company"], "phone": phone})
    found = {each.id: each.why for each in customers_like(rep, lead)}
    assert found == {by_name: "same name", by_phone: "same phone", by_mail: "same e-mail"}
    assert contacts_like(rep, lead) == []


def test_a_discarded_lead_is_taken_up_first(cast, lead):
    actions.change(cast.rep.actor, lead, {"status": "discarded", "discard_reason": "no_need"})
    with pytest.raises(RuleBroken, match="take it up"):
        convert(cast.rep.actor, lead, Chosen())


def test_undone_it_is_as_if_it_had_not_been(cast, leads, lead):
    actions.change(cast.rep.actor, lead, {"status": "qualified"})
    add_follow_up(cast.rep.actor, lead, {"kind": "call", "body": "Interested"})
    convert(cast.rep.actor, lead, Chosen())
    customer, contact = lead.customer_id, lead.contact_id
    assert undo(cast.rep.actor, lead) == []
    assert (lead.status, lead.customer_id, lead.contact_id) == ("qualified", None, None)
    assert record(Customer, customer).deleted_at and record(Contact, contact).deleted_at
    assert [status for status, _, _ in leads.history(lead)] == ["new", "qualified", "won", "qualified"]
    assert db.session.scalars(select(FollowUp.customer_id)).one() is None
    convert(cast.rep.actor, lead, Chosen())  # and again, into new ones
    assert lead.customer_id not in (None, customer)
    with pytest.raises(Invalid, match="undo the conversion"):
        actions.change(cast.rep.actor, lead, {"status": "new"})


def test_what_somebody_has_worked_on_stays_and_so_does_what_it_belongs_to(cast, lead):
    convert(cast.rep.actor, lead, Chosen())
    contact = record(Contact, lead.contact_id)
    add_follow_up(cast.rep.actor, contact, {"kind": "call", "body": "Already at work"})
    customer = lead.customer_id
    kept = undo(cast.rep.actor, lead)
    assert [(each.type, each.why) for each in kept] == [("contacts", CHANGED), ("customers", NEEDED)]
    assert record(Customer, customer).deleted_at is None
    assert lead.status == "new"


def test_an_opportunity_is_made_with_the_contact_in_it(cast, leads, lead):
    actions.change(cast.rep.actor, lead, {"expected_amount": 50_000})
    convert(cast.rep.actor, lead, Chosen(opportunity={"name": "云海 CRM", "amount": 48_000}))
    deal = record(Opportunity, lead.opportunity_id)
    assert (deal.name, deal.amount, deal.customer_id, deal.source) == (
        "云海 CRM",
        48_000,
        lead.customer_id,
        "exhibition",
    )
    assert [each.id for each, _ in taking_part(cast.rep.actor, deal)] == [lead.contact_id]
    add_follow_up(cast.rep.actor, deal, {"kind": "call", "body": "At work"})
    kept = undo(cast.rep.actor, lead)
    assert [(each.type, each.why) for each in kept] == [
        ("opportunities", CHANGED),
        ("contacts", NEEDED),
        ("customers", NEEDED),
    ]


def test_an_opportunity_nobody_touched_goes_with_the_rest(cast, lead):
    convert(cast.rep.actor, lead, Chosen(opportunity={}))
    deal, customer = lead.opportunity_id, lead.customer_id
    assert undo(cast.rep.actor, lead) == []
    assert record(Opportunity, deal).deleted_at and record(Customer, customer).deleted_at
    assert lead.opportunity_id is None


def test_what_was_there_before_stays(cast, lead):
    there = customers.create(cast.rep.actor, {"name": "There"})
    convert(cast.rep.actor, lead, Chosen(customer=there, with_contact=False))
    assert undo(cast.rep.actor, lead) == []
    assert record(Customer, there).deleted_at is None
    names = db.session.scalars(select(Event.name).filter_by(subject_type="customers", subject_id=there))
    assert set(names) >= {"lead.arrived", "lead.left"}


def test_after_ninety_days_it_stays(cast, lead):
    with clock.frozen(clock.now() - dt.timedelta(days=DAYS, hours=1)):
        convert(cast.rep.actor, lead, Chosen())
    with pytest.raises(RuleBroken, match="90 days"):
        undo(cast.rep.actor, lead)


def test_a_manager_converts_for_the_owner(cast, lead):
    convert(cast.manager.actor, lead, Chosen())
    assert record(Customer, lead.customer_id).owner_id == cast.rep.id


def test_customers_that_are_only_like_it_are_offered_but_not_chosen_for_somebody(cast, leads):
    """Another legal form, traditional characters, brackets: sure; the same name in another city: offered."""
    rep = cast.rep.actor
    sure = customers.create(rep, {"name": "雲海智能科技（深圳）股份有限公司"})
    elsewhere = customers.create(rep, {"name": "北京云海智能科技有限公司"})
    customers.create(rep, {"name": "恒通贸易有限公司"})
    customers.create(cast.other_rep.actor, {"name": "深圳云海智能科技"})
    lead = leads.create(cast.rep, name="陈志远", company="深圳市云海智能科技有限公司")
    found = customers_like(rep, lead)
    assert [(each.id, each.sure) for each in found] == [(sure, True), (elsewhere, False)]
