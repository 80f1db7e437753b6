"""Dates that come and the clock: once for each record and day, whatever is asked how often."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from crm.domain.automation import ruling, timing
from crm.domain.automation.models import AutomationRule
from crm.domain.customers.record_type import CUSTOMER
from crm.domain.fields import actions as fields
from crm.domain.fields.drafts import Draft as FieldDraft
from crm.domain.notifications.models import Notification
from crm.domain.tasks.actions import create as create_task
from crm.domain.timeline.actions import add_follow_up
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.company import company
from crm.kernel.kinds import FieldKind
from tests.domain.automation.making import decisions, made, runs, worked
from tests.domain.automation.test_reacting import customer

NOTIFY = {"do": "notify", "whom": "owner"}


@pytest.fixture
def admin(cast: Any) -> Any:
    return cast.administrator.actor


def at(day: int, hour: int = 12) -> Any:
    """A moment of this many days on."""
    noon = dt.datetime.combine(company.today() + dt.timedelta(days=day), dt.time(hour), ZoneInfo(company.timezone))
    return clock.frozen(noon)


def ticked() -> None:
    while timing.tick():
        db.session.flush()
    worked()


def told() -> list[tuple[int, int]]:
    return [(each.person_id, each.subject_id) for each in db.session.query(Notification).order_by(Notification.id)]


def test_the_delivered_rule_reminds_of_a_new_customer_whom_nobody_followed_up(cast: Any, admin: Any) -> None:
    rule = db.session.scalars(select(AutomationRule).where(AutomationRule.key == "customer_unfollowed")).one()
    with at(0):
        ruling.switch(admin, rule, on=True)
        quiet, heard = customer(cast.rep), customer(cast.rep, name="Heard")
        add_follow_up(cast.rep.actor, heard, {"kind": "call", "body": "Said"})
    for day in (1, 2):
        with at(day):
            ticked()
    assert told() == []
    with at(3, hour=8):
        ticked()
        assert told() == []  # its hour is nine
    for hour in (9, 10, 15):
        with at(3, hour):
            ticked()
    with at(4):
        ticked()
    assert told() == [(cast.rep.id, quiet.id)]
    assert (decisions(rule), runs(rule)[0].event) == (["done"], "automation_rule.due")


def test_days_before_a_date_and_one_that_is_filled_in_today(cast: Any, admin: Any) -> None:
    when = {"kind": "date", "field": "due", "days": "-2", "hour": "7"}
    rule = made(admin, when, NOTIFY, type_="tasks", conditions=(("status", "is", "open"),))
    soon = company.today() + dt.timedelta(days=3)

    def task(due: dt.date) -> int:
        return create_task(cast.rep.actor, {"name": "T", "due": due})

    with at(0):
        first = task(soon)
        ticked()
    with at(1, 8):
        ticked()
        second = task(soon)
    with at(1, 9):
        ticked()
        ticked()
    assert [run.subject_id for run in runs(rule)] == [first, second]
    with at(5):  # nothing ran for some days: what has passed is caught up with
        third = task(company.today() + dt.timedelta(days=1))
        ticked()
    assert [run.subject_id for run in runs(rule)] == [first, second, third]


def test_a_date_of_the_companys_own_is_reached_as_any(cast: Any, admin: Any) -> None:
    draft = FieldDraft(label={"en": "Contract ends"}, kind=FieldKind.DATE, section="reach")
    key = fields.make(admin, "customers", draft).key
    admin = cast.administrator.actor
    made(admin, {"kind": "date", "field": key, "days": "-7", "hour": "8"}, NOTIFY)
    with at(0):
        ending = customer(cast.rep, **{key: company.today() + dt.timedelta(days=9)})
        customer(cast.rep, name="Later", **{key: company.today() + dt.timedelta(days=90)})
    for day in range(4):
        with at(day):
            ticked()
            assert told() == ([(cast.rep.id, ending.id)] if day >= 2 else [])


def test_the_clock_comes_round_for_each_record_that_fits(cast: Any, admin: Any) -> None:
    when = {"kind": "schedule", "every": "day", "hour": "9"}
    with at(0):
        rule = made(admin, when, NOTIFY, conditions=(("level", "is", "a"),))
        good, other = customer(cast.rep, level="a"), customer(cast.other_rep, level="b")
        ticked()
    for day in (1, 2):
        for hour in (8, 9, 10):
            with at(day, hour):
                ticked()
    assert [run.subject_id for run in runs(rule)] == [good.id] * 2 and other.id
    with at(3):
        CUSTOMER.verbs.change(cast.rep.actor, good, {"level": "b"})
        ruling.switch(admin, rule, on=False)
        ticked()
    assert decisions(rule) == ["done"] * 2


@pytest.mark.parametrize(
    ("when", "now", "expected"),
    [
        ({"kind": "schedule", "every": "week", "on": 1, "hour": 9}, "2026-11-23 09:00", "2026-11-30 09:00"),
        ({"kind": "schedule", "every": "week", "on": 1, "hour": 9}, "2026-11-23 08:59", "2026-11-23 09:00"),
        ({"kind": "schedule", "every": "month", "on": 28, "hour": 0}, "2026-11-29 12:00", "2026-12-28 00:00"),
        ({"kind": "date", "hour": 9}, "2026-11-23 08:00", "2026-11-23 09:00"),
        ({"kind": "date", "hour": 9}, "2026-11-23 14:20", "2026-11-23 15:00"),
    ],
)
def test_the_next_turn(when: Any, now: str, expected: str) -> None:
    zone = ZoneInfo(company.timezone)
    moment = dt.datetime.fromisoformat(now).replace(tzinfo=zone)
    assert timing.next_at(when, moment) == dt.datetime.fromisoformat(expected).replace(tzinfo=zone)
