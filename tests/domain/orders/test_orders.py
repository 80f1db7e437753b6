"""Orders, their lines, and what customers are worth by them."""

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import select, text

from crm.domain.customers import actions as customers
from crm.domain.customers.models import Customer
from crm.domain.customers.queries import CUSTOMERS
from crm.domain.customers.value import CustomerValue
from crm.domain.orders import actions, lines, matching
from crm.domain.orders.models import Order
from crm.domain.orders.queries import lines_of
from crm.domain.orders.value import mend
from crm.domain.products import actions as products
from crm.infra.db import db
from crm.kernel.access import unscoped
from crm.kernel.asking import Query
from crm.kernel.errors import Invalid
from crm.kernel.events import Event


@pytest.fixture
def sam(cast):
    return cast.rep.actor


@pytest.fixture
def acme(sam):
    return customers.create(sam, {"name": "Acme"})


def order(actor, id_):
    db.session.expire_all()
    return db.session.scalars(Order.visible_to(actor).where(Order.id == id_)).one()


def made(actor, customer, amount="100", day="2026-03-01", **more):
    values = {"customer": customer, "amount": Decimal(amount), "ordered_on": dt.date.fromisoformat(day)}
    return actions.create(actor, values | more)


def worth(customer):
    db.session.expire_all()
    row = db.session.get(CustomerValue, customer)
    return row and (
        row.order_count,
        row.order_total,
        row.order_average,
        str(row.first_order_on),
        str(row.last_order_on),
    )


def test_what_is_left_empty_is_filled_in(sam, acme):
    one = order(sam, actions.create(sam, {"customer": acme}))
    assert one.name == one.number and one.number.startswith("ORD")
    assert (one.status, one.currency, one.amount) == ("open", "CNY", 0)
    actions.change(sam, one, {"name": "Pumps"})
    actions.change(sam, one, {"name": None, "amount": None})
    assert (one.name, one.amount) == (one.number, 0)


def test_a_customer_is_worth_its_orders_in_the_same_transaction(sam, acme):
    assert worth(acme) is None
    first = made(sam, acme, "100", "2026-03-01")
    second = made(sam, acme, "50.50", "2026-01-05")
    made(sam, acme, "900", "2026-02-01", currency="USD")  # counted, not summed: there are no rates
    assert worth(acme) == (3, Decimal("150.50"), Decimal("75.25"), "2026-01-05", "2026-03-01")
    actions.change(sam, order(sam, second), {"status": "returned"})
    assert worth(acme) == (2, Decimal(100), Decimal(100), "2026-02-01", "2026-03-01")
    actions.delete(sam, order(sam, first))
    assert worth(acme)[:2] == (1, 0)
    with unscoped("a test looks at everything"):
        binned = db.session.get(Order, first)
    actions.restore(sam, binned)
    assert worth(acme)[:2] == (2, 100)


def test_an_order_that_goes_to_another_customer_counts_there(sam, acme):
    other = customers.create(sam, {"name": "Other"})
    one = made(sam, acme)
    actions.change_many(sam, [(one, {"customer": other})])
    assert (worth(acme)[0], worth(other)[0]) == (0, 1)


def test_what_was_written_past_the_verbs_is_mended(sam, acme):
    made(sam, acme)
    db.session.execute(text("UPDATE orders SET amount = 7"))
    db.session.execute(text("UPDATE customer_values SET order_count = 9"))
    assert mend(0, acme) == 1
    assert worth(acme)[:2] == (1, 7)
    assert mend(0, acme) == 0


def test_a_number_of_another_system_comes_once(sam, cast, acme):
    made(sam, acme, external_number="A-1", external_source="ERP")
    made(sam, acme, external_number="A-1", external_source="Shop")
    other = made(sam, acme, external_number="A-2", external_source="ERP")
    for actor in (sam, cast.other_rep.actor):  # whoever's it is
        with pytest.raises(Invalid, match="A-1|already"):
            made(actor, acme, external_number="A-1", external_source="ERP")
    with pytest.raises(Invalid):
        actions.change(sam, order(sam, other), {"external_number": "A-1"})
    with pytest.raises(Invalid):
        actions.create_many(sam, [{"customer": acme, "external_number": "B"}] * 2)


def test_an_import_finds_an_order_by_either_number(sam, cast, acme):
    theirs = made(sam, acme, external_number="A-1", external_source="ERP")
    ours = order(sam, made(sam, acme))
    keys = [
        matching.match_key({"external_number": "A-1", "external_source": "ERP"}),
        matching.match_key({"name": ours.number.lower()}),
        matching.match_key({"external_number": "A-1"}),
    ]
    assert matching.match_key({"name": "Pumps"}) is None
    assert matching.matches(sam, keys) == {keys[0]: theirs, keys[1]: ours.id}
    assert matching.matches(cast.other_rep.actor, keys) == {}


def test_lines_make_the_amount(sam, cast, acme):
    pump = products.create(cast.manager.actor, {"name": "Pump", "price": Decimal("12.50")})
    one = order(sam, made(sam, acme, "999"))
    rows = [{"product": pump, "quantity": Decimal(3)}, {"description": "Freight", "price": Decimal("9.99")}]
    assert lines.set_lines(sam, one, rows)
    db.session.flush()
    told = [(each.description, each.quantity, each.price, each.amount) for each in lines_of(one)]
    assert told == [("Pump", 3, Decimal("12.50"), Decimal("37.50")), ("Freight", 1, Decimal("9.99"), Decimal("9.99"))]
    assert one.amount == Decimal("47.49") and worth(acme)[1] == Decimal("47.49")
    assert not lines.set_lines(sam, one, rows), "the same again"
    with pytest.raises(Invalid):
        actions.change(sam, one, {"amount": Decimal(1)})
    with pytest.raises(Invalid):
        lines.set_lines(sam, one, [{"quantity": Decimal(1)}])
    lines.set_lines(sam, one, [])
    actions.change(sam, one, {"amount": Decimal(1)})
    events = db.session.scalars(select(Event).where(Event.name == "order.lines_changed").order_by(Event.id)).all()
    assert [len(each.payload["after"]) for each in events] == [2, 0]
    assert events[0].payload["changes"] == {"amount": ["999.00", "47.49"]}


def test_customers_are_listed_by_what_they_are_worth(sam, acme):
    ids = [customers.create(sam, {"name": f"No {number}"}) for number in range(5)]
    for number, id_ in enumerate(ids[:4]):
        made(sam, id_, str(100 * (number % 2 + 1)))

    def walked(query, size=2):
        found, page = [], CUSTOMERS.page(sam, query, size=size)
        while True:
            found += [row.id for row in page.rows]
            if not page.after:
                back = CUSTOMERS.page(sam, query.but(before=page.before), size=size) if page.before else None
                return found, back
            page = CUSTOMERS.page(sam, query.but(after=page.after), size=size)

    found, back = walked(Query(sort="-order_total"))
    assert found == [ids[3], ids[1], ids[2], ids[0], ids[4], acme]
    assert [row.id for row in back.rows] == found[2:4]
    assert walked(Query(sort="order_total"))[0] == [ids[0], ids[2], ids[1], ids[3], acme, ids[4]]
    asked = Query(filters=(("order_total", "min", "200"),), columns=("order_count",))
    assert {row.id for row in CUSTOMERS.page(sam, asked).rows} == {ids[1], ids[3]}
    assert CUSTOMERS.count(sam, asked).number == 2
    assert len(db.session.scalars(CUSTOMERS.select(sam, asked)).all()) == 2
    assert {row.id for row in CUSTOMERS.page(sam, Query(search="No", sort="order_total")).rows} == set(ids)
    with unscoped("a test looks at everything"):
        one = db.session.get(Customer, ids[1])
    assert (one.order_total, one.order_count) == (200, 1)
