"""The pages of orders: lines without a script, a clash, and the customer's value."""

import datetime as dt
import io
import re
from decimal import Decimal

import pytest

from crm.domain.customers import actions as customers
from crm.domain.customers.value import CustomerValue
from crm.domain.orders import actions as orders
from crm.domain.orders.models import Order
from crm.domain.people import granting
from crm.domain.people.actions import SYSTEM
from crm.domain.people.policy import rights_of
from crm.domain.people.queries import ready_made
from crm.domain.products import actions as products
from crm.infra.db import db
from crm.jobs.imports import sweep
from crm.kernel.access import FieldRight


@pytest.fixture
def acme(cast):
    return customers.create(cast.rep.actor, {"name": "Acme"})


@pytest.fixture
def one(cast, acme):
    return orders.create(cast.rep.actor, {"customer": acme, "ordered_on": dt.date(2026, 5, 1), "amount": Decimal(70)})


def page(browser, address, status=200):
    answer = browser.get(address)
    assert answer.status_code == status, address
    return answer.get_data(as_text=True)


def filled(words):
    """What a browser would send of the form of the lines, without any script."""
    found = re.findall(r'<input[^>]*name="([^"]+)"[^>]*?value="([^"]*)"', words.split('id="lines"')[1])
    return dict(found)


def test_a_rep_makes_an_order_with_two_lines_without_a_script(as_, cast, acme):
    products.create(cast.manager.actor, {"name": "Pump", "code": "P-1", "price": Decimal("12.50")})
    form = page(as_.rep, "/orders/new?customer=Acme")
    assert 'value="Acme"' in form and "Number elsewhere" in form
    missing = as_.rep.post("/orders/", {"name": "Pumps", "customer": "Acme", "status": "open", "currency": "CNY"})
    assert missing.status_code == 422 and "Ordered on: This is required." in missing.get_data(as_text=True)
    values = {"customer": "Acme", "ordered_on": "2026-05-01", "status": "open", "currency": "CNY", "amount": "0"}
    made = as_.rep.post("/orders/", values)
    assert made.status_code == 303, re.findall(r"error[^>]*>[^<]*<", made.get_data(as_text=True))
    place = made.location
    assert "No lines" in page(as_.rep, place)
    sent = filled(page(as_.rep, f"{place}/lines/edit"))
    sent |= {"product-0": "Pump", "quantity-0": "2", "description-1": "Freight", "price-1": "¥10"}
    saved = as_.rep.post(f"{place}/lines", sent)
    assert (saved.status_code, saved.location) == (303, place)
    words = page(as_.rep, place)
    assert "Freight" in words and "Sum: CN¥35.00" in words and "changed the lines of this order" in words
    again = filled(page(as_.rep, f"{place}/lines/edit"))
    assert (again["product-0"][:4], again["quantity-0"], again["price-1"]) == ("Pump", "2", "10.00")
    wrong = as_.rep.post(f"{place}/lines", again | {"quantity-0": "two", "product-1": "Nothing"})
    told = wrong.get_data(as_text=True)
    assert wrong.status_code == 422 and "Line 1, Quantity" in told and "Line 2, Product" in told
    clash = as_.rep.post(f"{place}/lines", sent | {"quantity-0": "9"})
    assert clash.status_code == 409 and 'value="9"' in clash.get_data(as_text=True)
    as_.rep.post(f"{place}/lines", filled(clash.get_data(as_text=True)))
    assert "Sum: CN¥122.50" in page(as_.rep, place)
    customer = page(as_.rep, f"/customers/{acme}")
    assert "Sum of orders" in customer and "CN¥122.50" in customer, "the customer's page tells what it is worth"
    assert "related-orders-customer" in customer
    listed = page(as_.rep, "/customers/?sort=-order_total&cols=order_total,last_order_on&order_total__min=100")
    assert "Acme" in listed and "CN¥122.50" in listed


def test_whose_order_it_is_not_has_no_lines(as_, cast, one):
    for who, status in (("other_rep", 404), ("outsider", 404), ("agent", 403)):
        browser = getattr(as_, who)
        assert browser.get(f"/orders/{one}/lines/edit").status_code == status
        assert browser.post(f"/orders/{one}/lines", {"rows": "1", "description-0": "x"}).status_code == status
    assert "Lines" in page(as_.agent, f"/orders/{one}"), "who looks things up sees them"
    assert page(as_.manager, f"/orders/{one}/lines/edit")


def test_whoever_may_not_know_amounts_sees_none(as_, cast, one):
    role = ready_made("sales_rep")
    rights = rights_of(role)
    granting.change_role(SYSTEM, role, name="", reach=rights.reach, fields={"orders": {"amount": FieldRight.HIDDEN}})
    words = page(as_.rep, f"/orders/{one}")
    assert "70.00" not in words and "Edit lines" not in words
    assert as_.rep.get(f"/orders/{one}/lines/edit").status_code == 409


def test_an_amount_with_lines_is_refused_beside_its_field(as_, cast, one):
    place = f"/orders/{one}"
    sent = filled(page(as_.rep, f"{place}/lines/edit")) | {"description-0": "Freight", "price-0": "5"}
    as_.rep.post(f"{place}/lines", sent)
    answer = as_.rep.post(f"{place}/sections/order", {"amount": "6", "before-amount": "5.00"}, htmx="section-order")
    assert answer.status_code == 422
    row = db.session.scalars(Order.visible_to(cast.rep.actor)).one()
    assert row.amount == 5


def test_a_product_is_looked_up_for_a_line(as_, cast):
    products.create(cast.manager.actor, {"name": "Nightpump", "code": "NP"})
    assert "Nightpump" in page(as_.rep, "/lookup/product?q=Nightp")
    assert as_.rep.get("/products/new").status_code == 403
    assert "Nightpump" in page(as_.rep, "/products/")


def test_a_file_of_the_erp_makes_orders_and_the_same_file_again_changes_them(as_, cast, acme):
    def brought(status, amount):
        head = "订单号,客户名称,下单日期,订单状态,订单金额"
        lines = (head, f'SO-1,Acme,2026-05-02,{status},"{amount}"', "SO-2,Nobody,2026-05-02,,1")
        file = io.BytesIO("\n".join(lines).encode())
        place = as_.rep.post("/imports/", {"file": (file, "erp.csv"), "record_type": "orders"}).location
        sweep()
        keys = ("external_number", "customer", "ordered_on", "status", "amount")
        as_.rep.post(f"{place}/mapping", {f"column-{at}": key for at, key in enumerate(keys)})
        sweep()
        as_.rep.post(f"{place}/run", {"duplicates": "update"})
        sweep()
        return [(each.name, each.status, each.amount) for each in db.session.scalars(Order.visible_to(cast.rep.actor))]

    ((number, *first),) = brought("已发货", "1,200.50")
    assert first == ["shipped", Decimal("1200.50")]
    assert brought("交易成功", "1,300") == [(number, "done", Decimal(1300))], "found again by its number elsewhere"
    assert db.session.get(CustomerValue, acme).order_total == 1300
