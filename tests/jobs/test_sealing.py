"""Sealing beside real transactions: nothing is left out, whatever order they end in; what is touched is named."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import Engine

from crm import create_app
from crm.config import Settings
from crm.domain.audit import actions, anchors
from crm.domain.audit.verify import AFTER, CHANGED, CUT, GAP, MISSING, NO_ANCHORS, REWRITTEN, UNSEALED, WAITING, verify
from crm.infra.db import db
from crm.jobs import sealing
from crm.jobs.base import alone
from crm.kernel.access import NOBODY
from crm.kernel.events import record_many
from tests.databases import migrated_database
from tests.kernel.test_events import Rung

INSERT = (
    "INSERT INTO events (name, subject_type, subject_id, payload)"
    " VALUES ('test.rung', 'people', 1, '{\"times\": 1}') RETURNING id"
)


@pytest.fixture(scope="module")
def private(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A database of its own, since all of this commits and some of it breaks the log."""
    with migrated_database(settings, "crm_sealing") as made:
        yield replace(made, redis_url="", instance=tmp_path_factory.mktemp("instance"))


@pytest.fixture
def log(private: Settings) -> Iterator[Flask]:
    app = create_app(private)
    with app.app_context():
        with broken_open(db.engine) as connection:
            connection.execute(text("TRUNCATE events, deliveries, seals"))
            connection.execute(text("UPDATE sealing SET below = 0, ahead = 0, running = '{}'"))
        anchors.path_in(private.instance).unlink(missing_ok=True)
        yield app
        db.session.remove()
        db.engine.dispose()


@contextmanager
def broken_open(engine: Engine) -> Iterator[Connection]:
    """The log in the hands of somebody who owns the whole server."""
    server = create_engine(engine.url.set(username="postgres"))
    with server.begin() as connection:
        connection.execute(text("SET session_replication_role = replica"))  # no trigger stands in the way
        yield connection
    server.dispose()


@contextmanager
def writer() -> Iterator[Connection]:
    with db.engine.connect() as connection:
        yield connection


def write(count: int = 1) -> None:
    record_many(NOBODY, "people", [(1, Rung(n)) for n in range(count)])
    db.session.commit()


def sealed() -> list[int]:
    found = list(db.session.scalars(text("SELECT event_id FROM seals ORDER BY position")))
    db.session.rollback()
    return found


def below() -> int:
    found = db.session.scalar(text("SELECT below FROM sealing"))
    db.session.rollback()
    return found


def wrong(known: list[anchors.Anchor] | None = None) -> list[str]:
    found = verify(known or []).wrong
    db.session.rollback()
    return [message for message, _ in found]


def test_everything_is_sealed_once_in_order(log: Flask) -> None:
    write(12)
    assert sealing.seal() == 12
    assert sealing.seal() == 0
    write(3)
    assert sealing.seal() == 3
    assert len(sealed()) == 15 and sealed() == sorted(sealed())
    assert wrong() == []


def test_a_small_id_that_is_committed_last_is_sealed_too(log: Flask) -> None:
    with writer() as slow, writer() as quick:
        late = slow.execute(text(INSERT)).scalar_one()
        early = quick.execute(text(INSERT)).scalar_one()
        assert late < early
        quick.commit()
        for _ in range(3):
            sealing.seal()
        assert sealed() == [early]
        assert below() <= late, "what is below must not be able to appear any more"
        slow.commit()
    sealing.seal()
    assert sealed() == [early, late]
    sealing.seal()
    sealing.seal()
    assert below() > early
    assert wrong() == []


def test_an_id_taken_by_a_transaction_that_has_written_nothing_yet_is_waited_for(log: Flask) -> None:
    """It has no transaction number yet: a snapshot would not know that it runs."""
    with writer() as slow:
        mine = slow.execute(text("SELECT nextval(pg_get_serial_sequence('events', 'id'))")).scalar_one()
        write(5)
        for _ in range(4):
            sealing.seal()
        assert below() <= mine
        slow.execute(
            text(
                "INSERT INTO events (id, name, subject_type, subject_id, payload) OVERRIDING SYSTEM VALUE"
                " VALUES (:id, 'test.rung', 'people', 1, '{}')"
            ),
            {"id": mine},
        )
        slow.commit()
    sealing.seal()
    assert mine in sealed() and len(sealed()) == 6
    assert wrong() == []


def test_what_is_rolled_back_holds_nothing_up(log: Flask) -> None:
    with writer() as connection:
        connection.execute(text(INSERT))
        connection.rollback()
    write()
    for _ in range(3):
        sealing.seal()
    assert len(sealed()) == 1 and below() > sealed()[0]


def test_two_workers_at_once_make_one_chain(log: Flask) -> None:
    write(50)
    with writer() as other:
        other.execute(text("SELECT * FROM sealing FOR UPDATE"))
        assert sealing.seal() == 0  # and does not wait
    assert sealing.seal() == 50
    assert wrong() == []


def test_a_large_backlog_is_sealed_in_batches_and_taken_up_where_it_was_left(
    log: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(57)
    monkeypatch.setattr(sealing.sealing.seal, "__defaults__", (10,))
    monkeypatch.setattr(sealing, "_STEPS", 3)
    assert [sealing.seal(), sealing.seal(), sealing.seal()] == [30, 27, 0]
    assert wrong() == []


def test_a_writer_is_not_held_up(log: Flask) -> None:
    write(5)
    steps = sealing.sealing.seal()
    next(steps)  # sealed, its transaction still open
    with writer() as connection:
        connection.execute(text("SET lock_timeout = '1s'"))
        connection.execute(text(INSERT))
        connection.commit()
    db.session.rollback()


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ("UPDATE events SET payload = '{\"times\": 99}' WHERE id = {id}", CHANGED),
        ("UPDATE events SET actor_id = 7 WHERE id = {id}", CHANGED),
        ("UPDATE events SET occurred_at = occurred_at - interval '1 microsecond' WHERE id = {id}", CHANGED),
        ("DELETE FROM events WHERE id = {id}", MISSING),
        ("DELETE FROM seals WHERE event_id = {id}", GAP),
        ("UPDATE seals SET hash = sha256(hash) WHERE event_id = {id}", CHANGED),
    ],
)
def test_the_first_broken_row_is_named(log: Flask, harm: str, said: str) -> None:
    write(20)
    sealing.seal()
    id_ = sealed()[11]
    with broken_open(db.engine) as connection:
        connection.execute(text(harm.replace("{id}", str(id_))))
    message, told = verify([]).wrong[0]
    assert (message, told["position"], told.get("event", id_)) == (said, 12, id_)


def test_a_row_slipped_in_later_is_named(log: Flask) -> None:
    write(3)
    with writer() as connection:
        gap = connection.execute(text("SELECT nextval(pg_get_serial_sequence('events', 'id'))")).scalar_one()
    write(3)
    for _ in range(3):
        sealing.seal()
    with broken_open(db.engine) as connection:
        connection.execute(
            text(
                "INSERT INTO events (id, name, subject_type, subject_id, payload) OVERRIDING SYSTEM VALUE"
                f" VALUES ({gap}, 'test.rung', 'people', 1, '{{}}')"
            )
        )
    assert verify([]).wrong == [(UNSEALED, {"event": gap})]


def test_anchors_show_a_chain_made_anew_and_an_end_cut_off(log: Flask, private: Settings) -> None:
    write(10)
    sealing.seal()
    sealing.anchor()
    sealing.anchor()  # nothing moved: no second line
    known = anchors.read(anchors.path_in(private.instance))
    assert [each.position for each in known] == [10]
    write(2)
    sealing.seal()
    assert wrong(known) == []
    assert (AFTER, {"rows": 2}) in verify(known).notes
    with broken_open(db.engine) as connection:
        connection.execute(text(f"UPDATE events SET actor_id = 7 WHERE id = {sealed()[4]}"))
        connection.execute(text("TRUNCATE seals"))
        connection.execute(text("UPDATE sealing SET below = 0, ahead = 0, running = '{}'"))
    sealing.seal()
    assert wrong() == [], "without anchors a chain made anew is a chain"
    assert wrong(known) == [REWRITTEN]
    with broken_open(db.engine) as connection:
        connection.execute(text("DELETE FROM events WHERE id IN (SELECT event_id FROM seals WHERE position > 8)"))
        connection.execute(text("DELETE FROM seals WHERE position > 8"))
    assert wrong(known) == [CUT]


def test_what_cannot_be_proven_is_said(log: Flask) -> None:
    write(2)
    sealing.seal()
    write(1)
    said = [message for message, _ in verify([]).notes]
    assert NO_ANCHORS in said and WAITING in said


def test_the_night_asks_and_a_worker_answers(log: Flask) -> None:
    write(2)
    sealing.seal()
    sealing.check_nightly()
    found = db.session.execute(text("SELECT verdict FROM verifications WHERE finished_at IS NOT NULL")).scalars().all()
    assert [each["wrong"] for each in found] == [[]]
    kinds = set(db.session.scalars(text("SELECT name FROM events")))
    assert {"audit.verification_asked", "audit.verified"} <= kinds


def test_the_command_says_whether_the_log_is_whole_and_ends_accordingly(
    log: Flask, private: Settings, settings: Settings, tmp_path: Path
) -> None:
    """As an auditor runs it, with anchors kept elsewhere."""
    write(5)
    sealing.seal()
    kept = tmp_path / "kept.txt"
    anchors.append(kept, *sealing.sealing.head())
    db.session.rollback()
    own = {"DATABASE_URL": private.database_url, "REDIS_URL": settings.redis_url, "CRM_INSTANCE": str(private.instance)}

    def run() -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "crm", "audit-verify", "--anchors", str(kept)]
        return subprocess.run(command, env=os.environ | own, capture_output=True, text=True, check=False)

    whole = run()
    assert (whole.returncode, whole.stdout.splitlines()[0]) == (0, "All 5 sealed lines are as they were sealed.")
    with broken_open(db.engine) as connection:
        connection.execute(text(f"UPDATE events SET payload = '{{}}' WHERE id = {sealed()[2]}"))
    broken = run()
    assert broken.returncode == 1 and f"Line {sealed()[2]} of the log was changed" in broken.stdout
    kept.write_text("not an anchor")
    assert "cannot be read" in run().stderr


def test_a_check_is_many_short_transactions_that_tell_how_far_they_are(
    log: Flask, private: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(25)
    sealing.seal()
    monkeypatch.setattr("crm.domain.audit.verify._BATCH", 10)
    actions.ask_for_verification(NOBODY)
    db.session.commit()
    seen = []

    def look() -> None:
        with writer() as other:  # sees only what is committed
            seen.append(tuple(other.execute(text("SELECT checked, total FROM verifications ORDER BY id DESC")).first()))
        if len(seen) == 2:
            write(4)  # nobody is held up, and what is sealed meanwhile belongs to it
            sealing.seal()

    monkeypatch.setattr(sealing, "commit", lambda: (db.session.commit(), look()))
    assert sealing.check_waiting() == 1
    assert seen[0] == (10, 25) and seen[1] == (20, 25) and seen[-1][0] == 30
    assert actions.last_verification().verdict["wrong"] == []


def test_a_check_that_was_stopped_is_taken_up_again_and_never_made_twice_at_once(
    log: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(3)
    sealing.seal()
    asked = actions.ask_for_verification(NOBODY)
    db.session.commit()
    with alone("check of the log") as ours:
        assert ours and sealing.check_waiting() == 0
    monkeypatch.setattr(sealing, "should_stop", iter([False, True, True]).__next__)
    assert sealing.check_waiting() == 0 and asked.finished_at is None
    monkeypatch.undo()
    assert sealing.check_waiting() == 1 and asked.finished_at is not None
