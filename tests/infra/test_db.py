"""The pool's connections: one whose server is gone is noticed before anybody's request meets it."""

import pytest
from sqlalchemy import create_engine, text

from crm.infra.db import engine_options

PID = text("SELECT pg_backend_pid()")


@pytest.fixture
def engine(settings):
    engine = create_engine(settings.database_url, **engine_options(1))
    yield engine
    engine.dispose()


def test_a_connection_that_its_server_ended_is_replaced(engine, settings):
    with engine.connect() as connection:
        before = connection.scalar(PID)
    other = create_engine(settings.database_url)
    with other.connect() as connection:
        # Waits until the server process is gone, and with it all it had to say.
        assert connection.scalar(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": before})
    other.dispose()
    with engine.connect() as connection:
        assert connection.scalar(PID) != before


def test_a_connection_whose_server_only_said_something_is_kept(engine):
    with engine.connect() as connection:
        before = connection.scalar(PID)
        connection.execute(text("LISTEN news"))
        connection.commit()
        told = create_engine(engine.url)
        with told.begin() as other:
            other.execute(text("NOTIFY news"))
        told.dispose()
    with engine.connect() as connection:
        assert connection.scalar(PID) == before


def test_a_connection_is_taken_without_a_word_to_the_server(engine):
    with engine.connect() as connection:
        asked = text("SELECT query_start FROM pg_stat_activity WHERE pid = pg_backend_pid()")
        connection.scalar(asked)
        connection.rollback()
        pid = connection.scalar(PID)
    watching = create_engine(engine.url)
    with watching.connect() as other:
        last = text("SELECT query, query_start FROM pg_stat_activity WHERE pid = :pid")
        before = other.execute(last, {"pid": pid}).one()
        other.rollback()
        with engine.connect():
            assert other.execute(last, {"pid": pid}).one() == before
    watching.dispose()
