"""How much waits to be merged into an index of words, told by how many pages a merge finds."""

import pytest
from sqlalchemy import text

from crm.infra import words
from crm.infra.db import db
from crm.infra.embedded.process import wait_until
from tests.databases import migrated_database

PAGES = 256 // 8  # of what may wait where many save
MERGED = text("SELECT gin_clean_pending_list('ix_notes_search')")


@pytest.fixture(scope="module")
def own(settings):
    with migrated_database(settings, "crm_words") as made:
        yield made


@pytest.fixture
def notes(own):
    """The app on a database of its own, with a table of words."""
    from crm import create_app

    with create_app(own).app_context():
        db.session.execute(text("CREATE TABLE notes (search tsvector)"))
        db.session.execute(text("CREATE INDEX ix_notes_search ON notes USING gin (search)"))
        db.session.commit()
        yield
        db.session.rollback()
        db.session.execute(text("DROP TABLE notes"))
        db.session.commit()
        db.engine.dispose()


def write(count=2_000):
    """A megabyte of words, a few rows at a time, as people save."""
    for at in range(0, count, 50):
        row = "(SELECT string_agg('w' || n || '_' || g, ' ') FROM generate_series(1, 30) AS n)"
        statement = f"INSERT INTO notes SELECT array_to_tsvector(string_to_array({row}, ' ')) FROM "
        db.session.execute(
            text(statement + "generate_series(CAST(:first AS int), :last) AS g"), {"first": at, "last": at + 49}
        )


def test_whoever_saves_merges_before_much_waits(notes):
    write()
    assert db.session.scalar(MERGED) <= PAGES


def test_who_writes_by_the_thousand_leaves_it_to_a_merger(notes):
    words.let_wait("notes")
    write()
    db.session.commit()
    merger = words.Merger(db.engine)
    merger.merge(left := words.left())
    merger.close()
    assert (left, words.left()) == ({"notes"}, set())
    assert db.session.scalar(MERGED) == 0


def test_until_then_all_of_it_waits_and_the_next_transaction_is_as_before(notes):
    words.let_wait("notes")
    write()
    assert db.session.scalar(MERGED) > PAGES
    db.session.commit()
    write()
    assert db.session.scalar(MERGED) <= PAGES


def test_a_table_without_words_has_nothing_to_merge(notes):
    words.let_wait("people")
    merger = words.Merger(db.engine)
    merger.merge(words.left())
    merger.close()


def test_a_merge_that_fails_hinders_nobody(notes):
    """Whoever writes next merges; an import goes on."""
    db.session.execute(text("DROP INDEX ix_notes_search"))  # held until it is rolled back
    merger = words.Merger(db.engine)
    for _ in range(words._TOGETHER):
        merger.merge({"notes"})
    end = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    # Each look in a transaction of its own: within one, PostgreSQL shows the connections of the first look for good.
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as beside:
        ended = wait_until(lambda: beside.scalar(end), 30)
    db.session.rollback()  # else nobody would end a merge that still waits
    merger.close()
    assert ended
