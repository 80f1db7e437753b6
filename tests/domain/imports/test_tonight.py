"""Imports that run by themselves at a time of day: once, with the rights of that moment."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from crm.domain.imports import actions, tonight
from crm.domain.imports.states import State
from crm.domain.people.actions import SYSTEM
from crm.domain.people.granting import give_roles
from crm.domain.people.queries import ready_made
from crm.infra import clock
from crm.infra.db import db
from crm.jobs.imports import sweep
from crm.kernel.company import company
from crm.kernel.errors import RuleBroken
from tests.domain.imports.work import again, checked, counts, csv_of, customers

ROWS = [["Acme", "", "A", ""], ["Beta", "", "", ""]]
TEN = dt.time(22)


def here(*moment: int) -> dt.datetime:
    return dt.datetime(*moment, tzinfo=ZoneInfo(company.timezone))


def waits(cast):
    import_ = checked(cast.rep.actor, csv_of(ROWS))
    actions.schedule(cast.rep.actor, import_, duplicates="skip", automates=False, at=TEN)
    db.session.commit()
    return import_


def test_it_starts_when_its_time_has_come_and_once(cast):
    with clock.frozen(here(2026, 5, 4, 15)):
        import_ = waits(cast)
        assert import_.starts_at == here(2026, 5, 4, 22)
        sweep()
        assert again(import_.id).state == State.CHECKED
    with clock.frozen(here(2026, 5, 4, 22, 1)):
        sweep()
    done = again(import_.id)
    assert (done.state, counts(done), done.starts_at) == (State.DONE, {"rows": 2, "created": 2}, None)
    assert len(customers()) == 2 and not tonight.start_next()


def test_what_is_past_today_is_tomorrow(cast):
    with clock.frozen(here(2026, 5, 4, 23)):
        assert waits(cast).starts_at == here(2026, 5, 5, 22)


def test_without_the_right_it_stays_checked_and_says_why(cast):
    with clock.frozen(here(2026, 5, 4, 15)):
        import_ = waits(cast)
    give_roles(SYSTEM, cast.rep, [ready_made("marketing")])
    db.session.commit()
    with clock.frozen(here(2026, 5, 4, 22, 1)):
        sweep()
    stands = again(import_.id)
    assert (stands.state, stands.starts_at, customers()) == (State.CHECKED, None, [])
    assert "no longer has the right" in stands.problem["message"]
    give_roles(SYSTEM, cast.rep, [ready_made("sales_rep")])
    actions.start(cast.rep.actor, stands, duplicates="skip")
    assert stands.problem is None


def test_it_can_be_left_checked_and_is_when_the_columns_change(cast):
    with clock.frozen(here(2026, 5, 4, 15)):
        import_ = waits(cast)
        with pytest.raises(RuleBroken, match="Only whoever brought"):
            actions.schedule(cast.administrator.actor, import_, duplicates="skip", automates=False, at=TEN)
        actions.unschedule(cast.rep.actor, import_)
        assert import_.starts_at is None and import_.state == State.CHECKED
        actions.schedule(cast.rep.actor, import_, duplicates="skip", automates=False, at=TEN)
        actions.map_columns(cast.rep.actor, import_, mapping={0: "name"})
        assert import_.starts_at is None


def test_an_hour_that_comes_twice_is_meant_the_second_time_when_the_first_is_past(cast, monkeypatch):
    monkeypatch.setattr(company, "timezone", "Europe/Berlin")
    with clock.frozen(dt.datetime(2026, 10, 25, 1, 30, tzinfo=dt.UTC)):  # 02:30, the second time
        import_ = checked(cast.rep.actor, csv_of(ROWS))
        actions.schedule(cast.rep.actor, import_, duplicates="skip", automates=False, at=dt.time(2, 45))
        assert import_.starts_at == dt.datetime(2026, 10, 25, 1, 45, tzinfo=dt.UTC)
