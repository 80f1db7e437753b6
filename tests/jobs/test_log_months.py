"""Each month's events in a table of their own; an event is stored whatever the clock says."""

import datetime as dt
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from crm import create_app
from crm.config import Settings
from crm.domain.audit.verify import verify
from crm.infra import clock
from crm.infra.db import db
from crm.jobs import sealing
from crm.kernel import events
from crm.kernel.access import NOBODY
from crm.kernel.events import deliver_next, record_many
from tests.databases import migrated_database
from tests.kernel.test_events import Rung

AHEAD = dt.timedelta(days=800)


@pytest.fixture(scope="module")
def private(settings: Settings) -> Iterator[Settings]:
    with migrated_database(settings, "crm_months") as own:
        yield own


@pytest.fixture
def app(private: Settings) -> Iterator[Flask]:
    app = create_app(private)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    told: list[int] = []
    monkeypatch.setattr(events, "_reactions", {"hear": (Rung, lambda event: told.append(event.id))})
    return told


def parts() -> dict[str, int]:
    """Every table of the log → how many events are in it."""
    names = db.session.scalars(
        text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'events'::regclass ORDER BY 1")
    ).all()
    where = db.session.execute(text("SELECT tableoid::regclass::text, count(*) FROM events GROUP BY 1"))
    return dict.fromkeys(names, 0) | dict(map(tuple, where))


def month(ahead: int) -> tuple[str, dt.datetime]:
    """The table of that month from now, and a moment in it."""
    today = clock.now().astimezone(dt.UTC)
    year, number = divmod(today.year * 12 + today.month - 1 + ahead, 12)
    at = dt.datetime(year, number + 1, 3, tzinfo=dt.UTC)
    return f"events_{at:%Y_%m}", at


def write(at: dt.datetime, count: int = 1) -> None:
    with clock.frozen(at):
        record_many(NOBODY, "people", [(1, Rung(n)) for n in range(count)])
    db.session.commit()


def test_this_month_and_the_next_three_have_tables_before_they_are_needed(app):
    assert {month(ahead)[0] for ahead in range(4)} | {"events_before", "events_default"} == set(parts())
    assert sealing.make_months() == 0
    for ahead in range(4):
        name, at = month(ahead)
        write(at)
        assert parts()[name] == 1


def test_an_event_is_stored_when_time_is_far_ahead_or_far_behind(app):
    write(clock.now() + AHEAD, 2)
    write(clock.now() - AHEAD, 3)
    assert (parts()["events_default"], parts()["events_before"]) == (2, 3)


def test_the_work_an_event_causes_finds_it_in_whatever_month(app, heard):
    for at in (clock.now() + AHEAD, clock.now() - AHEAD, clock.now()):
        write(at)
    while deliver_next():
        db.session.commit()
    assert len(heard) == 3


def test_what_the_net_caught_goes_where_it_belongs_and_the_chain_holds(app, private):
    name, at = month(2)
    owner = create_engine(private.database_owner_url)
    with owner.begin() as connection:
        connection.execute(text(f"DROP TABLE {name}"))  # as if nobody had made it ahead
    owner.dispose()
    before = parts()["events_default"]
    write(at, 5)
    assert parts()["events_default"] == before + 5
    while sealing.seal():
        pass
    verdict = verify([])
    assert sealing.make_months() == 1
    assert (parts()["events_default"], parts()[name]) == (before, 5)
    again = verify([])
    assert (again.rows, again.wrong) == (verdict.rows, verdict.wrong)
    write(clock.now() + AHEAD)
    assert parts()["events_default"] == before + 1, "there is a net again"


def test_a_page_of_the_log_and_of_a_timeline_asks_only_the_months_it_can_be_in(app):
    def plan(where: str) -> str:
        return "\n".join(db.session.scalars(text(f"EXPLAIN SELECT id FROM events WHERE {where}")))

    name, at = month(1)
    told = plan(f"occurred_at = '{at.isoformat()}' AND id = 1")
    assert name in told and "events_default" not in told and "events_before" not in told
    older = plan(f"(occurred_at, id) < ('{at.isoformat()}', 9) AND occurred_at <= '{at.isoformat()}'")
    assert "events_before" in older and month(2)[0] not in older
