"""Contacts on pages: their own, and beside the customer they belong to."""

import io

import pytest
from sqlalchemy import select

from crm.domain.contacts.models import Contact
from crm.domain.customers import actions as customers
from crm.domain.customers.models import Customer
from crm.infra.db import db
from crm.jobs.imports import sweep
from crm.kernel.access import unscoped


@pytest.fixture
def customer(cast):
    id_ = customers.create(cast.rep.actor, {"name": "Acme"})
    db.session.commit()
    return db.session.scalars(Customer.visible_to(cast.rep.actor).where(Customer.id == id_)).one()


def words(answer):
    return answer.get_data(as_text=True)


def contacts():
    with unscoped("a test looks at everything"):
        return db.session.scalars(select(Contact).order_by(Contact.id)).all()


def test_a_contact_is_made_from_the_customers_page_and_stands_on_it(as_, customer):
    page = words(as_.rep.get(f"/customers/{customer.id}"))
    link = f"/contacts/new?customer=Acme+%28{customer.number}%29"
    assert link in page
    form = words(as_.rep.get(link))
    assert f'value="Acme ({customer.number})"' in form
    typed = {"name": "李蕾", "customer": f"Acme ({customer.number})", "phone": "13800138000", "position": "CTO"}
    place = as_.rep.post("/contacts/", typed).location
    assert "李蕾" in words(as_.rep.get(place))
    page = words(as_.rep.get(f"/customers/{customer.id}"))
    assert f'<a href="{place}">李蕾</a>' in page and "CTO" in page


def test_others_neither_see_nor_find_it(as_, customer):
    place = as_.rep.post("/contacts/", {"name": "李蕾", "customer": customer.number}).location
    assert as_.outsider.get(place).status_code == 404
    for address in ("/contacts/", "/contacts/?q=李蕾", "/search/?q=李蕾"):
        assert place not in words(as_.other_rep.get(address)), address
        assert place in words(as_.manager.get(address)), address


def test_a_customer_one_may_not_see_cannot_be_linked(as_, customer):
    answer = as_.other_rep.post("/contacts/", {"name": "Spy", "customer": customer.number})
    assert answer.status_code == 422 and "There is no customer called" in words(answer)
    assert contacts() == []


def test_marketing_sees_no_phone_and_only_the_shape_of_an_address(as_, customer):
    typed = {"name": "李蕾", "phone": "13800138000", "email": "lilei@example.com", "wecom": "lilei88"}
    place = as_.rep.post("/contacts/", typed).location
    page = words(as_.marketer.get(place))
    assert "李蕾" in page
    assert not any(each in page for each in ("138 0013 8000", "13800138000", "lilei@example.com", "lilei88"))


def test_a_spreadsheet_of_contacts_finds_their_customers(as_, customer):
    file = f"姓名,公司,手机,首要联系人\n李蕾,{customer.number},13800138000,是\n王芳,Nobody knows,,\n"
    data = {"file": (io.BytesIO(file.encode()), "contacts.csv"), "record_type": "contacts"}
    place = as_.rep.post("/imports/", data).location
    sweep()
    mapping = words(as_.rep.get(f"{place}/mapping"))
    assert 'value="customer" selected' in mapping and 'value="main" selected' in mapping
    columns = {"column-0": "name", "column-1": "customer", "column-2": "phone", "column-3": "main"}
    as_.rep.post(f"{place}/mapping", columns)
    sweep()
    assert "There is no customer called" in words(as_.rep.get(f"{place}/check"))
    as_.rep.post(f"{place}/run", {"duplicates": "skip"})
    sweep()
    (li,) = contacts()
    assert (li.name, li.customer_id, li.main, li.phone) == ("李蕾", customer.id, True, "+8613800138000")
    assert as_.marketer.post("/imports/", {"record_type": "contacts"}).status_code == 403


def test_switched_off_contacts_are_gone_from_the_customers_page_too(as_, customer):
    as_.rep.post("/contacts/", {"name": "李蕾", "customer": customer.number})
    for module in ("leads", "opportunities", "contacts"):  # which have something to do with contacts
        assert as_.administrator.post(f"/admin/modules/{module}", {"where": "nobody"}).status_code == 303
    page = words(as_.rep.get(f"/customers/{customer.id}"))
    assert "李蕾" not in page and "/contacts" not in page
    assert as_.rep.get("/contacts/").status_code == 404
