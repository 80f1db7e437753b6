"""Building a filter row by row without scripts: the state is the address, and the list says it as a sentence."""

import datetime as dt
import re

import pytest
from sqlalchemy import update

from crm.domain.customers import actions as customers
from crm.domain.customers.models import Customer
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import unscoped
from crm.kernel.asking import Query
from crm.kernel.errors import Invalid
from crm.kernel.periods import days_of


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def names(answer):
    return sorted(re.findall(r'class="row-link" href="[^"]*">([^<]+)<', answer.get_data(as_text=True)))


@pytest.fixture
def rows(cast):
    customers.create_many(
        cast.rep.actor,
        [
            {"name": "A web", "level": "a", "source": "website"},
            {"name": "B", "level": "b"},
            {"name": "C", "level": "c", "tags": ["vip"]},
        ],
    )
    customers.create(cast.manager.actor, {"name": "D", "level": "d"})
    db.session.commit()


def built(browser, *given, **more):
    query = [(f"{key}{n}", value) for n, row in enumerate(given) for key, value in zip("fovg", row, strict=True)]
    return browser.get("/filters/customers", query_string=[*query, *more.items()])


def test_a_row_grows_step_by_step_and_ends_in_the_list(as_, rows):
    page = as_.rep.get("/filters/customers?list=sort%3Dname").get_data(as_text=True)
    assert page.count('name="f') == 1
    page = built(as_.rep, ("level", "", "", ""), list="sort=name").get_data(as_text=True)
    assert '<option value="empty">… is empty</option>' in page
    assert page.count('name="f') == 2
    answer = built(as_.rep, ("level", "is", "a", ""), list="sort=name", do="apply")
    assert (answer.status_code, answer.location) == (303, "/customers/?level__is=a&sort=name")
    assert names(as_.rep.get(answer.location)) == ["A web"]


def test_one_of_a_group_is_enough(as_, rows):
    asked = [("level", "is", "a", "1"), ("tags", "has", "vip", "1"), ("owner", "of", "me", "")]
    answer = built(as_.rep, *asked, do="apply")
    page = as_.rep.get(answer.location)
    assert names(page) == ["A web", "C"]
    assert "Owner is me and (Level is A – key or Tags has vip)" in text(page)
    again = as_.rep.get("/filters/customers", query_string={"list": answer.location.partition("?")[2]})
    assert again.get_data(as_text=True).count('name="f') == 4
    bar = re.search(r'name="any" value="([^"]+)"', page.get_data(as_text=True)).group(1)
    assert bar == "level__is=a&amp;tags__has=vip"  # a search within it asks the same


def test_equal_questions_are_equal_objects():
    one = Query.from_args([("any", "b__is=2&a__is=1"), ("any", "c__is=3"), ("d__is", "4")])
    two = Query.from_args([("c__is", "3"), ("d__is", "4"), ("any", "a__is=1&b__is=2&a__is=1"), ("any", "")])
    assert one == two == Query.from_args(one.to_args())
    assert one.groups == ((("a", "is", "1"), ("b", "is", "2")),)


def test_me_and_my_people_are_whoever_asks(as_, rows, cast):
    assert names(as_.rep.get("/customers/?owner__of=me")) == ["A web", "B", "C"]
    assert names(as_.manager.get("/customers/?owner__of=me")) == ["D"]
    assert names(as_.manager.get("/customers/?owner__of=my_department")) == ["D"]
    assert names(as_.manager.get("/customers/?owner__of=my_branch")) == ["A web", "B", "C", "D"]
    assert "is not one of the choices" in text(as_.manager.get("/customers/?owner__of=nobody"))


def test_periods_move_with_the_day(as_, rows, cast):
    today = clock.today("Asia/Shanghai")
    with unscoped("dates for a test"):
        for name, day in (("B", today - dt.timedelta(days=40)), ("C", today + dt.timedelta(days=3))):
            db.session.execute(update(Customer).where(Customer.name == name).values(next_follow_up_on=day))
    db.session.commit()
    assert names(as_.rep.get("/customers/?next_follow_up__during=next_7_days")) == ["C"]
    assert names(as_.rep.get("/customers/?next_follow_up__during=last_45_days")) == ["B"]
    page = as_.rep.get("/customers/?created__during=today&level__is=a")
    assert names(page) == ["A web"]
    assert "the last 30 days" in text(as_.rep.get("/filters/customers?list=created__during%3Dtoday"))


def test_the_days_of_a_period():
    day = dt.date(2026, 1, 31)
    assert days_of("last_30_days", day) == (dt.date(2026, 1, 2), dt.date(2026, 2, 1))
    assert days_of("next_1_days", day) == (day, dt.date(2026, 2, 1))
    assert days_of("this_month", day) == (dt.date(2026, 1, 1), dt.date(2026, 2, 1))
    assert days_of("last_month", day) == (dt.date(2025, 12, 1), dt.date(2026, 1, 1))
    assert days_of("this_week", day) == (dt.date(2026, 1, 26), dt.date(2026, 2, 2))
    assert days_of("this_year", dt.date(2024, 2, 29)) == (dt.date(2024, 1, 1), dt.date(2025, 1, 1))
    with pytest.raises(Invalid):
        days_of("last_0_days", day)


def test_a_hidden_field_is_not_offered_and_not_answered(as_, rows):
    page = as_.marketer.get("/filters/customers").get_data(as_text=True)
    assert 'value="level"' in page
    assert 'value="phone"' not in page
    asked = as_.marketer.get("/customers/?any=phone__is%3D138%26level__is%3Da")
    assert "There is no field called" in text(asked)


def test_a_value_that_makes_no_sense_is_said_and_kept(as_, rows):
    page = built(as_.rep, ("created", "gte", "soon", ""), do="apply")
    assert page.status_code == 200
    assert "is not a date" in text(page)
    assert 'value="soon"' in page.get_data(as_text=True)
