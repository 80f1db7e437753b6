"""The report of a month: counted at night, closed when the month is over, told to administrators once."""

import datetime as dt

import pytest
from sqlalchemy import select, text

from crm.domain.customers import actions as customers
from crm.domain.notifications.models import Notification
from crm.domain.notifications.queries import notifications
from crm.domain.people import granting
from crm.domain.people.queries import ready_made
from crm.domain.system import keeping, monthly
from crm.domain.system.models import SystemMonth, SystemTrouble
from crm.infra import clock, numbers
from crm.infra.db import db
from crm.jobs.system import count_months
from crm.kernel.company import company
from tests.web.test_tags import text_of

# Three in the morning in the company's Shanghai; in Greenwich it is the day before.
MARCH, APRIL = dt.datetime(2026, 3, 30, 19, tzinfo=dt.UTC), dt.datetime(2026, 3, 31, 19, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def nothing_counted():
    numbers.take()
    yield
    numbers.take()


@pytest.fixture
def march(cast):
    """Something of each part happens in March, and something in April."""
    with clock.frozen(MARCH):
        _happens(cast, "Acme", 3)
    with clock.frozen(APRIL):
        _happens(cast, "Beta", 2)


def _happens(cast, name, refused):
    customers.create(cast.rep.actor, {"name": name})
    granting.give_roles(cast.administrator.actor, cast.outsider, [ready_made("auditor")] if refused == 3 else [])
    for _ in range(refused):
        numbers.note(numbers.SIGN_IN, "password", "refused")
    numbers.note(numbers.REQUEST, "/customers/", "5xx", 0.4, method="GET", id_="x")
    numbers.note(numbers.REQUEST, "/customers/", "2xx", 0.02, method="GET", id_="y")
    keeping.write_down(db.session.connection(), numbers.take())
    now = clock.now()
    db.session.add(SystemTrouble(kind="redis", about=name, began_at=now, ended_at=now + dt.timedelta(minutes=5)))
    # the database stamps by its own clock what nobody says otherwise
    for table in ("customers",):
        db.session.execute(text(f"UPDATE {table} SET created_at = :now WHERE name = :name"), {"now": now, "name": name})
    db.session.commit()


def row(month):
    return db.session.get(SystemMonth, month, populate_existing=True)


def test_each_part_counts_what_happened_in_the_month_of_the_company(march):
    told = monthly.told(dt.date(2026, 3, 1))
    assert told["people"] | {"accounts": 0} == {"accounts": 0, "worked": 2, "signed_in": 0, "refused": 3}
    assert (told["speed"]["requests"], told["speed"]["failed"]) == (2, 1) and told["speed"]["most_ms"] > 300
    assert told["records"]["customers"] == 1 and told["records"]["leads"] == 0
    assert told["rights"] == {"person.roles_given": 1}
    assert told["troubles"] == {"began": 1, "minutes": 5, "new_errors": 0}
    assert monthly.told(dt.date(2026, 4, 1))["people"]["refused"] == 2


def test_a_month_is_closed_once_and_administrators_are_told(cast, march):
    with clock.frozen(MARCH):
        count_months()
    assert row(dt.date(2026, 3, 1)).closed_at is None
    for _ in range(2):
        with clock.frozen(APRIL):
            count_months()
    march_, april = row(dt.date(2026, 3, 1)), row(dt.date(2026, 4, 1))
    assert march_.closed_at is not None and april.closed_at is None
    assert march_.told["people"]["refused"] == 3
    kinds = db.session.scalars(select(Notification.kind).filter_by(person_id=cast.administrator.id)).all()
    assert kinds.count("system_month") == 1
    told = notifications(cast.administrator.actor).told
    assert [each.record for each in told if each.notification.kind == "system_month"] == ["2026-03"]
    db.session.execute(text("DELETE FROM system_hours"))
    with clock.frozen(APRIL):
        count_months()
    assert row(dt.date(2026, 3, 1)).told == march_.told, "what is over stays, though what it was counted from is gone"


def test_what_was_missed_is_made_up_for(march):
    with clock.frozen(MARCH):
        count_months()
    with clock.frozen(APRIL + dt.timedelta(days=70)):
        count_months()
    assert [each.month for each in monthly.months()] == [dt.date(2026, 6, 1), dt.date(2026, 3, 1)]
    assert row(dt.date(2026, 3, 1)).closed_at is not None


def test_administrators_and_auditors_read_it_and_nobody_else(as_, cast, march):
    assert "Nothing has been counted yet" in text_of(as_.administrator.get("/admin/system/months/"))
    for when in (MARCH, APRIL):
        with clock.frozen(when):
            count_months()
    assert as_.auditor.get("/admin/system/months/").location == "/admin/system/months/202604"
    page = text_of(as_.auditor.get("/admin/system/months/202604"))
    assert "Apr 2026" in page and "Roles of people changed" in page
    assert "/audit?kind=person.roles_given&amp;from=2026-04-01&amp;until=2026-04-30" in page
    assert "this stays as it is" in text_of(as_.administrator.get("/admin/system/months/202603"))
    assert as_.administrator.get("/admin/system/months/202605").status_code == 404
    for wrong in (0, 202600, 202613, 99999999, 10**18):
        assert as_.administrator.get(f"/admin/system/months/{wrong}").status_code == 404
    for who in (as_.rep, as_.manager):
        assert who.get("/admin/system/months/202604").status_code == 403


def test_an_empty_month_has_all_its_lines(as_, cast):
    count_months()
    page = as_.administrator.get(f"/admin/system/months/{monthly.key_of(company.today())}")
    assert page.status_code == 200 and "Sign-ins" in text_of(page)
