"""Exports that come by themselves: once each time, with the rights of then, and only so many are kept."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from crm.domain.exports import regular
from crm.domain.exports.actions import Wish
from crm.domain.exports.models import Export
from crm.domain.notifications.models import Notification
from crm.domain.people import granting
from crm.domain.people.actions import SYSTEM
from crm.domain.people.queries import ready_made
from crm.domain.registry import RECORD_TYPES
from crm.infra import clock
from crm.infra.db import db
from crm.jobs.exports import ask_regularly, forget
from crm.kernel.asking import Query
from crm.kernel.company import company
from crm.kernel.errors import Invalid, RuleBroken

HOUR = dt.timedelta(hours=1)


def here(*moment):
    return dt.datetime(*moment, tzinfo=ZoneInfo("Asia/Shanghai"))


def made(actor, **changes):
    given = {"name": "Mine", "every": "day", "on_day": 0, "hour": 7, "kept": 2}
    found = regular.make(actor, Wish("customers", Query(), ["name"], "labels", "csv"), **(given | changes))
    db.session.commit()
    return found


@pytest.mark.parametrize(
    ("every", "on_day", "hour", "after", "following"),
    [
        ("day", 0, 7, here(2026, 11, 26, 6), here(2026, 11, 26, 7)),
        ("day", 0, 7, here(2026, 11, 26, 7), here(2026, 11, 27, 7)),
        ("week", 0, 7, here(2026, 11, 26, 6), here(2026, 11, 30, 7)),
        ("month", 28, 0, here(2026, 11, 28, 1), here(2026, 12, 28, 0)),
    ],
)
def test_when_it_is_next(every, on_day, hour, after, following):
    assert regular.next_time(every, on_day, hour, after) == following


def test_an_hour_that_the_clock_leaves_out_is_not_left_out(monkeypatch):
    monkeypatch.setattr(company, "timezone", "Europe/Berlin")
    zone = ZoneInfo("Europe/Berlin")
    before = dt.datetime(2026, 3, 28, 12, tzinfo=zone)
    first = regular.next_time("day", 0, 2, before)
    assert first.astimezone(zone).isoformat() == "2026-03-29T03:00:00+02:00"
    assert regular.next_time("day", 0, 2, first).astimezone(zone).isoformat() == "2026-03-30T02:00:00+02:00"


def test_it_comes_once_each_time_and_only_so_many_are_kept(cast):
    RECORD_TYPES["customers"].verbs.create(cast.manager.actor, {"name": "Acme"})
    found = made(cast.manager.actor)
    start = found.next_at
    ask_regularly()
    assert db.session.scalars(select(Export)).all() == []
    for day in range(4):
        with clock.frozen(start + dt.timedelta(days=day) + HOUR):
            ask_regularly()
            ask_regularly()
    exports = db.session.scalars(select(Export).order_by(Export.id)).all()
    assert [(each.regular_id, each.total, each.problem) for each in exports] == [(found.id, 1, None)] * 4
    told = db.session.scalars(select(Notification.kind).where(Notification.person_id == cast.manager.id)).all()
    assert told.count("exported_regularly") == 4
    forget()
    db.session.expire_all()
    assert [bool(each.storage_key) for each in exports] == [False, False, True, True]
    with clock.frozen(start + dt.timedelta(days=9)):  # what was missed is made up for once
        ask_regularly()
    assert db.session.query(Export).count() == 5


def test_what_is_not_allowed_any_more_is_said_and_then_paused(cast):
    found = made(cast.manager.actor)
    start = found.next_at
    granting.give_roles(SYSTEM, cast.manager, [ready_made("service_agent")])
    db.session.commit()
    for day in range(4):
        with clock.frozen(start + dt.timedelta(days=day) + HOUR):
            ask_regularly()
    db.session.expire_all()
    assert (found.failures, found.paused) == (3, True)
    assert "may not export" in found.problem["message"]
    assert db.session.query(Export).count() == 0
    with pytest.raises(RuleBroken, match="Only whoever"):
        regular.pause(cast.administrator.actor, found, paused=False)


def test_what_makes_no_sense_is_refused(cast):
    for wrong in ({"name": " "}, {"every": "year"}, {"on_day": 3}, {"hour": 24}, {"kept": 0}):
        with pytest.raises(Invalid):
            made(cast.manager.actor, **wrong)
    with pytest.raises(RuleBroken):
        made(cast.outsider.actor)
    found = made(cast.manager.actor, every="week", on_day=6)
    regular.remove(cast.manager.actor, found)
    assert regular.own(cast.manager.actor) == []
