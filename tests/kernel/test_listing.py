"""Every row once, whatever the sort, the direction and the empty values; and back again."""

import datetime as dt

import pytest
from sqlalchemy import event, update

from crm.domain.customers import actions
from crm.domain.customers.models import Customer
from crm.domain.customers.queries import CUSTOMERS
from crm.infra import clock
from crm.infra.db import db
from crm.kernel import listing
from crm.kernel.access import unscoped
from crm.kernel.asking import Query
from crm.kernel.errors import Invalid
from crm.kernel.pages import Count


@pytest.fixture
def actor(cast):
    actor = cast.rep.actor
    ids = actions.create_many(actor, [{"name": f"客户{n:03d}", "level": "abc"[n % 3]} for n in range(23)])
    with unscoped("dates for a test, some of them equal, a third missing"):
        for n, id_ in enumerate(ids):
            on = None if n % 3 == 0 else dt.date(2026, 1, 1 + n % 7)
            db.session.execute(update(Customer).where(Customer.id == id_).values(next_follow_up_on=on))
    return actor


@pytest.fixture
def statements():
    """What is asked of the table of customers from now on."""
    asked = []

    def note(connection, cursor, statement, *rest):
        if "FROM customers" in statement:
            asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield asked
    event.remove(db.engine, "before_cursor_execute", note)


def walk(actor, query, step):
    """Every id from the first page to the last, then back by the other cursor."""
    forward, pages = [], []
    page = CUSTOMERS.page(actor, query, size=step)
    while True:
        forward += [row.id for row in page.rows]
        pages.append([row.id for row in page.rows])
        if not page.after:
            break
        page = CUSTOMERS.page(actor, query.but(after=page.after), size=step)
    back = [pages[-1]]
    while page.before:
        page = CUSTOMERS.page(actor, query.but(before=page.before), size=step)
        back.insert(0, [row.id for row in page.rows])
    return forward, pages, back


@pytest.mark.parametrize("sort", ["name", "-name", "next_follow_up", "-next_follow_up", "-updated", "created"])
@pytest.mark.parametrize("step", [1, 4, 23, 30])
def test_paging_shows_every_row_once_and_the_way_back_is_the_same(actor, sort, step):
    forward, pages, back = walk(actor, Query(sort=sort), step)
    whole = [row.id for row in CUSTOMERS.page(actor, Query(sort=sort), size=100).rows]
    assert forward == whole
    assert len(set(forward)) == 23
    assert back == pages


@pytest.mark.parametrize("near", [0, 5, 12, 100])
@pytest.mark.parametrize("sort", ["name", "-next_follow_up", "-updated"])
def test_a_search_shows_the_same_wherever_its_rows_stand(actor, sort, near, monkeypatch):
    monkeypatch.setattr(listing, "NEAR", near)
    whole = [row.id for row in CUSTOMERS.page(actor, Query(sort=sort), size=100).rows]
    for search, wanted in (("客户", 23), ("kehu", 23), ("00", 10), ("007", 1), ("无此", 0)):
        query = Query(search=search, sort=sort)
        forward, pages, back = walk(actor, query, 4)
        assert back == pages
        assert forward == [id_ for id_ in whole if id_ in set(forward)]
        assert len(forward) == wanted


def test_a_search_that_fills_its_page_at_once_asks_no_further(actor, statements):
    CUSTOMERS.page(actor, Query(search="客户"), size=20)
    near = list(statements)
    CUSTOMERS.page(actor, Query(search="客户"), size=30)
    assert (len(near), len(statements) - len(near)) == (1, 2)
    assert "WITH customers AS" in near[0]


def test_empty_values_come_last_in_both_directions(actor):
    for sort in ("next_follow_up", "-next_follow_up"):
        rows = CUSTOMERS.page(actor, Query(sort=sort, columns=("next_follow_up",)), size=100).rows
        filled = [row.next_follow_up_on is not None for row in rows]
        assert filled == sorted(filled, reverse=True)


def test_the_address_is_the_state(actor):
    asked = Query.from_args([("level__in", "a"), ("q", " 客户 "), ("level__in", "b"), ("sort", "-name"), ("x__is", "")])
    assert asked == Query("客户", (("level", "in", "a,b"),), "-name")
    assert Query.from_args(asked.to_args()) == asked
    assert {row.name for row in CUSTOMERS.page(actor, asked, size=50).rows} == {
        f"客户{n:03d}" for n in range(23) if n % 3 < 2
    }


@pytest.mark.parametrize(
    "query",
    [
        Query(filters=(("nothing", "is", "1"),)),
        Query(filters=(("level", "contains", "a"),)),
        Query(filters=(("level", "is", "zz"),)),
        Query(sort="phone"),
        Query(sort="nothing"),
        Query(after="%%%"),
        Query(after="eyJhIjogMX0="),
    ],
)
def test_a_question_that_makes_no_sense_gets_a_sentence(actor, query):
    with pytest.raises(Invalid):
        CUSTOMERS.page(actor, query)


def test_counts_stop_at_the_cap(cast, monkeypatch):
    monkeypatch.setattr("crm.kernel.listing.COUNT_CAP", 5)
    monkeypatch.setattr("crm.kernel.listing.NARROWED_CAP", 3)
    actions.create_many(cast.rep.actor, [{"name": f"n{n}"} for n in range(9)])
    assert CUSTOMERS.count(cast.rep.actor, Query()) == Count(5, more=True)
    assert CUSTOMERS.count(cast.rep.actor, Query(filters=(("type", "is", "company"),))) == Count(3, more=True)
    assert CUSTOMERS.count(cast.rep.actor, Query(search="n8")) == Count(1)
    assert CUSTOMERS.count(cast.other_rep.actor, Query()) == Count(0)


def test_a_day_is_a_day_of_the_company(cast):
    """In Shanghai the 21st begins at 16:00 of the 20th in London."""
    for name, moment in (
        ("eve", "2026-11-20T15:59:00"),
        ("early", "2026-11-20T16:00:00"),
        ("late", "2026-11-21T15:59:00"),
    ):
        with clock.frozen(dt.datetime.fromisoformat(moment).replace(tzinfo=dt.UTC)):
            actions.create(cast.rep.actor, {"name": name})
    asked = Query(filters=(("updated", "gte", "2026-11-21"), ("updated", "lte", "2026-11-21")), sort="name")
    assert [row.name for row in CUSTOMERS.page(cast.rep.actor, asked).rows] == ["early", "late"]
