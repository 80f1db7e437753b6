"""Who can change the log: nobody by a statement, the program not even by first taking down what stands in the way."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from crm import create_app
from crm.config import Settings
from crm.domain.audit import ownership
from crm.domain.audit.verify import verify
from crm.infra.db import db
from crm.jobs import sealing
from crm.kernel.access import NOBODY
from crm.kernel.events import record_many
from crm.migrating import upgrade
from tests.databases import empty_database
from tests.kernel.test_events import Rung

TABLES = [("events", "name"), ("seals", "position"), ("events_before", "name"), ("events_default", "name")]
CHANGES = ["UPDATE {table} SET {column} = {column}", "DELETE FROM {table} WHERE false", "TRUNCATE {table}"]
TAKING_DOWN = [
    "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "DROP TRIGGER only_added_to ON {table}",
    "ALTER TABLE {table} OWNER TO CURRENT_USER",
    "ALTER TABLE {table} RENAME TO put_away",
    "DROP TABLE {table} CASCADE",
    "CREATE RULE none AS ON INSERT TO {table} DO INSTEAD NOTHING",
]
ROUNDABOUT = [
    "ALTER TABLE events DETACH PARTITION events_default",
    "CREATE TABLE events_1999_01 PARTITION OF events FOR VALUES FROM ('1999-01-01') TO ('1999-02-01')",
    "CREATE OR REPLACE FUNCTION only_added_to() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "ALTER FUNCTION make_event_months() SECURITY INVOKER",
    "SELECT protect_log('customers')",
    "SELECT setval('events_id_seq', 1)",
    "SET ROLE crm_owner",
    "DROP SCHEMA public CASCADE",
]


@pytest.fixture(scope="module")
def private(settings: Settings) -> Iterator[Settings]:
    with empty_database(settings, "crm_owned") as own:
        with create_app(own).app_context():
            upgrade()
            write(2)
            assert sealing.seal() == 2
            db.engine.dispose()
        yield own


@pytest.fixture
def app(private: Settings) -> Iterator[Flask]:
    app = create_app(private)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def write(count: int) -> None:
    record_many(NOBODY, "people", [(1, Rung(n)) for n in range(count)])
    db.session.commit()


@contextmanager
def signed_in(url: str, user: str = "") -> Iterator[Connection]:
    found = make_url(url)
    engine = create_engine(found.set(username=user) if user else found)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.mark.parametrize(("table", "column"), TABLES)
@pytest.mark.parametrize("change", CHANGES + TAKING_DOWN)
def test_the_program_can_neither_change_the_log_nor_what_protects_it(private, table, column, change):
    refused = "permission denied|must be owner|is a view|only ever added to"
    with signed_in(private.database_url) as program:
        program.execute(text(f"GRANT ALL ON {'events' if 'events' in table else table} TO CURRENT_USER"))
        with pytest.raises(ProgrammingError, match=refused):
            program.execute(text(change.format(table=table, column=column)))


@pytest.mark.parametrize("change", ROUNDABOUT)
def test_nor_is_there_a_way_round(private, change):
    with (
        signed_in(private.database_url) as program,
        pytest.raises(ProgrammingError, match="permission denied|must be owner"),
    ):
        program.execute(text(change))


@pytest.mark.parametrize(("table", "column"), TABLES)
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("who", ["crm_owner", "crm_owner that gave itself the right", "postgres"])
def test_whoever_owns_the_log_is_kept_from_changing_it_by_mistake(private, table, column, change, who):
    with signed_in(private.database_owner_url, who.partition(" ")[0]) as owner:
        if "gave" in who:
            owner.execute(text(f"GRANT ALL ON {table} TO CURRENT_USER"))
        with pytest.raises(ProgrammingError, match="permission denied" if who == "crm_owner" else "only ever added to"):
            owner.execute(text(change.format(table=table, column=column)))


def test_a_month_made_later_is_protected_alike(private):
    with signed_in(private.database_owner_url) as owner:
        parts = owner.scalars(
            text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'events'::regclass")
        )
        months = [each for each in parts if each[7:11].isdigit()]
    assert len(months) >= 3
    for user in ("crm", "postgres"):
        for change in CHANGES:
            with signed_in(private.database_owner_url, user) as someone, pytest.raises(ProgrammingError):
                someone.execute(text(change.format(table=months[-1], column="name")))


def test_the_program_writes_seals_and_checks_all_the_same(app):
    assert ownership.kept_from_program()
    write(3)
    assert sealing.seal() == 3
    assert verify([]).wrong == []


def test_migrating_again_changes_nothing(private):
    def owners() -> list[tuple[str, str]]:
        with signed_in(private.database_owner_url) as owner:
            asked = "SELECT oid::regclass::text, relowner::regrole::text FROM pg_class WHERE relkind IN ('r', 'p', 'S')"
            return sorted(map(tuple, owner.execute(text(f"{asked} AND relnamespace = 'public'::regnamespace"))))

    before = owners()
    with create_app(private).app_context():
        upgrade()
        db.engine.dispose()
    assert owners() == before
    kept = {thing for thing, role in before if role == "crm_owner"}
    assert {"events", "events_before", "events_default", "events_id_seq", "seals"} <= kept
    assert all(thing in ("seals",) or thing.startswith("events") for thing in kept)


def commands(number: int) -> str:
    """The blocks of SQL in the guide to servers, in their order."""
    return Path("docs/SERVERS.md").read_text().split("```sql\n")[number].partition("```")[0]


def test_a_database_that_belonged_to_the_program_is_divided_as_the_guide_says(private, settings, tmp_path):
    """An instance of before, with lines in its log, on a server of one's own."""
    with empty_database(settings, "crm_divided") as own:
        with signed_in(own.database_owner_url, "postgres") as server:
            server.execute(text("ALTER DATABASE crm_divided OWNER TO crm"))
            server.commit()
        with create_app(replace(own, database_owner_url="")).app_context():
            upgrade(revision="0014")
            rows = "INSERT INTO events (name, subject_type, subject_id, payload, occurred_at) VALUES"
            db.session.execute(
                text(f"{rows} ('test.rung', 'people', 1, '{{}}', '2020-02-02'), ('x', 'x', 1, '{{}}', now())")
            )
            db.session.commit()
            upgrade()
            assert not ownership.kept_from_program()
            db.session.remove()
            db.engine.dispose()
        with signed_in(own.database_owner_url, "postgres") as server:
            told = commands(2).replace("crm_owner", "crm_keeper").replace("DATABASE crm ", "DATABASE crm_divided ")
            server.execute(text(told))
            server.commit()
        divided = replace(own, database_owner_url=own.database_owner_url.replace("crm_owner", "crm_keeper"))
        with create_app(divided).app_context():
            upgrade()
            assert ownership.kept_from_program()
            write(1)
            assert sealing.seal() == 3 and verify([]).wrong == []
            with pytest.raises(ProgrammingError, match="must be owner"):
                db.session.execute(text("ALTER TABLE events DISABLE TRIGGER ALL"))
            db.session.remove()
            db.engine.dispose()
    with signed_in(settings.database_owner_url, "postgres") as server:
        server.execute(text("DROP ROLE crm_keeper"))
        server.commit()


def test_the_role_of_the_program_is_made_where_the_owner_may_make_one(settings):
    """As with the containers, whose first user is a superuser."""
    with empty_database(settings, "crm_made") as own:
        url = (
            make_url(own.database_url).set(username="crm_made", password="p%s'\"").render_as_string(hide_password=False)
        )
        owner = make_url(own.database_url).set(username="postgres").render_as_string(hide_password=False)
        with create_app(replace(own, database_url=url, database_owner_url=owner)).app_context():
            upgrade()
            write(1)
            assert ownership.kept_from_program()
            db.session.remove()
            db.engine.dispose()
    with signed_in(settings.database_owner_url, "postgres") as server:
        server.execute(text("DROP ROLE crm_made"))
        server.commit()
