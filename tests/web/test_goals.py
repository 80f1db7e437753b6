"""The page of goals for the cast, and the way from each number to the list it counts."""

import datetime as dt
import html
import re
from decimal import Decimal

import pytest

from crm.domain.customers import actions as customers
from crm.domain.goals.actions import Wanted, set_goal
from crm.domain.orders import actions as orders
from crm.kernel.company import company

DAY = dt.date(2026, 5, 20)
PAGE = "/goals/?period=month&on=2026-05-20"


@pytest.fixture
def goals(cast):
    admin = cast.administrator.actor
    whose = (
        {"person_id": cast.rep.id},
        {"department_id": cast.manager.department_id},
        {"person_id": cast.other_rep.id},
        {},
    )
    return [set_goal(admin, Wanted("orders", "month", DAY, Decimal(400), **each)) for each in whose]


@pytest.fixture
def sold(cast):
    for owner, amount in ((cast.rep, 100), (cast.rep, 200), (cast.manager, 50), (cast.other_rep, 7)):
        customer = customers.create(owner.actor, {"name": f"Of {owner.name}"})
        values = {"customer": customer, "amount": Decimal(amount), "name": f"Worth {amount}"}
        orders.create(owner.actor, values | {"ordered_on": DAY, "status": "done"})
        orders.create(owner.actor, values | {"ordered_on": DAY, "status": "returned", "name": "Sent back"})
        orders.create(owner.actor, values | {"ordered_on": DAY - dt.timedelta(days=40), "name": "Earlier"})


def words_of(browser, address=PAGE):
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_numbers_stand_beside_the_bars_and_lead_to_their_lists(as_, cast, goals, sold):
    mine = words_of(as_.rep)
    assert "CN¥300.00" in mine and "of CN¥400.00: 75 %" in mine and "Not reached" in mine
    assert 'max="100" value="75"' in mine
    assert "Mia" not in mine and "The company" not in mine
    seen = words_of(as_.manager)
    for browser, number, worth in (
        (as_.rep, "CN¥300.00", {"Worth 100", "Worth 200"}),
        (as_.manager, "CN¥350.00", {"Worth 100", "Worth 200", "Worth 50"}),
        (as_.administrator, "CN¥357.00", {"Worth 100", "Worth 200", "Worth 50", "Worth 7"}),
    ):
        found = re.search(rf'href="([^"]+)">{number}<', words_of(browser))
        listed = words_of(browser, html.unescape(found.group(1)))
        names = set(re.findall(r">(Worth \d+|Sent back|Earlier)<", listed))
        assert names == worth, number
    assert "North" in seen and "Sam" in seen and "Mia" not in seen


def test_a_goal_is_set_and_removed_without_a_script(as_, cast):
    assert as_.rep.get("/goals/new").status_code == 403
    assert "Set a goal" not in words_of(as_.rep)
    form = {
        "measure": "new_customers",
        "period": "quarter",
        "on": "2026-05-20",
        "person": "sam@example.com",
        "target": "3",
    }
    for wrong, words in (
        ({"target": "0"}, "A goal is greater than nothing."),
        ({"target": "many"}, "is not a number"),
        ({"person": "Nobody"}, "Nobody here is called"),
        ({"on": ""}, "This is required."),
        ({"period": "week"}, "A goal is for a month"),
    ):
        answer = as_.manager.post("/goals/", form | wrong)
        assert answer.status_code == 422 and words in answer.get_data(as_text=True), wrong
    assert as_.manager.post("/goals/", form | {"person": "mia@example.com"}).status_code == 409
    answer = as_.manager.post("/goals/", form)
    assert answer.location == "/goals/?period=quarter&on=2026-04-01"
    words = words_of(as_.rep, answer.location)
    assert "2nd quarter 2026" in words and "New customers" in words
    place = re.search(r'href="(/goals/\d+)"', words).group(1)
    assert "Remove the goal" not in words_of(as_.rep, place)
    assert "Remove the goal" in words_of(as_.manager, place)
    assert as_.other_rep.get(place).status_code == 404
    assert as_.manager.post(f"{place}/removal").status_code == 303
    assert as_.manager.get(place).status_code == 404


def test_addresses_made_by_hand_are_this_month(as_, cast):
    for made in ("?period=week", "?on=x", "?period=year&on=9999-12-31", "?page=-1", "?on=0001-01-01"):
        words_of(as_.manager, f"/goals/{made}")
    assert str(company.today().year) in words_of(as_.manager, "/goals/?period=year")


def test_the_page_stays_light(as_, cast):
    admin = cast.administrator.actor
    for measure in ("orders", "new_customers", "follow_ups"):
        for each in cast:
            set_goal(admin, Wanted(measure, "month", DAY, Decimal(9), person_id=each.id))
    assert len(as_.administrator.get(PAGE, headers={"Accept-Encoding": "br"}).data) < 10_000
