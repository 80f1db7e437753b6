"""A whole round: saved while somebody writes, put back elsewhere, and proved equal. With the servers it really has."""

import datetime as dt
import io
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from crm import create_app, preflight, restoring, upgrading
from crm.config import Settings, SettingsError
from crm.demo.populate import populate
from crm.domain.audit import anchors, sealing
from crm.domain.audit.ownership import kept_from_program
from crm.domain.people import links, second_factor, sessions
from crm.domain.people.actions import SYSTEM
from crm.domain.people.models import Person
from crm.infra import clock, embedded, launch, revisions
from crm.infra.backups import BackupError, Problem, databases, files, making, server, shelf
from crm.infra.backups.manifest import DUMP, Manifest, kept_in
from crm.infra.db import db
from crm.infra.embedded.process import wait_until
from crm.infra.storage import storage_for
from crm.jobs.sealing import seal
from crm.kernel import sealed as opening
from crm.kernel.kinds import FieldKind
from crm.migrating import upgrade
from tests.databases import empty_database, migrated_database
from tests.domain.fields.making import made
from tests.infra.conftest import reachable

BEFORE, NEXT = "0073", "0074"  # the next one replaces a function, which a test can make impossible
SECRET, LETTER = "Xq7-under seal", b"%PDF a letter"
HASHES = "SELECT md5(coalesce(string_agg(row::text, chr(10) ORDER BY row::text), '')) FROM {} AS row"


@contextmanager
def program(settings: Settings) -> Iterator[None]:
    with create_app(settings).app_context():
        yield
        db.session.remove()
        db.engine.dispose()


def asked(settings: Settings, statement: str):
    with server.connect(server.url_of(settings), autocommit=True) as connection:
        answer = connection.execute(statement)
        return answer.fetchall() if answer.description else []


def hashes(settings: Settings) -> dict[str, str]:
    return {name: asked(settings, HASHES.format(name))[0][0] for (name,) in asked(settings, making.TABLES)}


def quiet(_: str) -> None:
    pass


def command(settings: Settings, *words: str) -> list[str]:
    return [sys.executable, "-m", "crm", *words]


def environment(settings: Settings, **more: str) -> dict[str, str]:
    return launch._environment(settings) | {"CRM_TESTING": "yes", **more}


class Writer(threading.Thread):
    """Somebody who always writes two lines in one transaction, and is in the middle of it most of the time."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings, self.ended, self.written = settings, threading.Event(), 0

    def run(self) -> None:
        with server.connect(server.url_of(self.settings)) as connection:
            while not self.ended.is_set():
                for half in ("left", "right"):
                    connection.execute("INSERT INTO halves (half) VALUES (%s)", (half,))
                    self.ended.wait(0.005)
                connection.commit()
                self.written += 1


@pytest.fixture(scope="module")
def source(settings: Settings) -> Iterator[SimpleNamespace]:
    """A company with a file, an encrypted value and a sealed log, saved while a writer writes."""
    with reachable() as folder, migrated_database(settings, "crm_saved") as base:
        own = replace(base, instance=folder / "instance", secret_key="", backup_to=str(folder / "backups"))
        own.instance.mkdir()
        with program(own):
            populate(count=12)
            key = made(SYSTEM, FieldKind.ENCRYPTED).key
            customer = db.session.scalar(db.text("SELECT min(id) FROM customers"))
            sealed = {"key": key, "value": opening.seal(f"customers.{key}", SECRET), "id": customer}
            pair = "jsonb_build_object(CAST(:key AS text), CAST(:value AS text))"
            db.session.execute(db.text(f"UPDATE customers SET custom = custom || {pair} WHERE id = :id"), sealed)
            stored = storage_for(own).put(io.BytesIO(LETTER), suffix=".pdf")
            db.session.execute(
                db.text(
                    "INSERT INTO exports (owner_id, record_type, asked, fields, names, format, storage_key)"
                    " SELECT min(id), 'customers', '[]', '{}', 'labels', 'csv', :key FROM people"
                ),
                {"key": stored.key},
            )
            person = db.session.scalars(db.select(Person).order_by(Person.id)).first()
            sessions.begin(
                person,
                sessions.Limits(dt.timedelta(days=1), dt.timedelta(days=1)),
                device="Firefox",
                address="127.0.0.1",
            )
            links.make_link(person, links.RESET, person.email)
            second_factor.begin(person)
            db.session.commit()
            seal()
            anchors.append(anchors.path_in(own.instance), *sealing.head())
        asked(replace(own, database_owner_url=""), "CREATE TABLE halves (id bigserial PRIMARY KEY, half text)")
        writer = Writer(own)
        writer.start()
        try:
            wait_until(lambda: writer.written > 2, 20)
            backup = making.make(replace(own, database_owner_url=""), Path(own.backup_to), keep=2)
            told = writer.written
            wait_until(lambda: writer.written > told, 20)
        finally:
            writer.ended.set()
            writer.join()
        yield SimpleNamespace(settings=own, backup=backup, key=stored.key, customer=customer, field=key)


@pytest.fixture(scope="module")
def restored(source) -> Iterator[SimpleNamespace]:
    """Put back by the command into an instance that has never been started; its servers run for the tests."""
    with reachable() as folder:
        plain = Settings(instance=folder / "instance", testing=True)
        done = subprocess.run(
            command(plain, "restore", str(source.backup)),
            env=environment(plain),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        servers = embedded.start(plain, tuning=embedded.FAST)
        yield SimpleNamespace(plain=plain, settings=servers.applied(plain), said=done.stdout)
        servers.stop()


def test_everything_is_as_it_was(source, restored):
    assert "The backup is restored, and proved." in restored.said
    before, after = hashes(source.settings), hashes(restored.settings)
    halves = asked(restored.settings, "SELECT half, count(*) FROM halves GROUP BY 1 ORDER BY 1")
    assert [name for name, _ in halves] == ["left", "right"] and halves[0][1] == halves[1][1] > 2
    assert halves[0][1] < asked(source.settings, "SELECT count(*) FROM halves")[0][0] / 2
    for name in ("sessions", "account_links"):  # an old cookie or letter is not good again
        assert asked(source.settings, f"SELECT count(*) FROM {name}")[0][0] == 1
        assert asked(restored.settings, f"SELECT count(*) FROM {name}")[0][0] == 0
        del before[name], after[name]
    del before["halves"], after["halves"]
    assert "Encrypted values: 2 of 2" in restored.said
    assert after == before and len(after) > 80
    with program(restored.settings):
        value = db.session.scalar(
            db.text(f"SELECT custom ->> '{source.field}' FROM customers WHERE id = {source.customer}")
        )
        assert opening.opened(f"customers.{source.field}", value) == SECRET
        assert storage_for(restored.settings).open(source.key).read() == LETTER
        assert kept_from_program()
        with pytest.raises(Exception, match="permission denied"):
            db.session.execute(db.text("UPDATE events SET name = name"))
        db.session.rollback()


def test_a_backup_is_for_its_owner_alone_and_says_what_it_holds(source):
    for each in [source.backup, *source.backup.rglob("*")]:
        assert each.stat().st_mode & 0o077 == 0, each
    manifest = Manifest.read(source.backup)
    assert manifest.head == revisions.head() and manifest.files == 1 and not manifest.missing
    assert {"secrets/secret_key", "secrets/field_keys", "secrets/anchors.txt", DUMP} <= manifest.parts.keys()
    assert shelf.backups_in(source.backup.parent)[0].checked == ()


def test_files_leave_room_on_the_disk(source, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "ROOM", 2**62)
    monkeypatch.setattr(making, "estimate", lambda *_: 0)
    with pytest.raises(BackupError, match="no room for the uploaded files") as full:
        making.make(source.settings, tmp_path, keep=1)
    assert full.value.problem is Problem.FULL and [each.name for each in tmp_path.iterdir()] == [".lock"]


def test_the_next_one_copies_no_file_again_and_the_oldest_goes(source):
    shelf_, first = source.backup.parent, next(kept_in(source.backup))
    second = making.make(source.settings, shelf_, keep=2)
    assert first.path(second).samefile(first.path(source.backup))
    first.path(second).chmod(0o600)
    third = making.make(source.settings, shelf_ / "other", keep=1)
    fourth = making.make(source.settings, shelf_ / "other", keep=1)
    assert [each.folder for each in shelf.backups_in(shelf_ / "other")] == [fourth] and not third.exists()
    assert [each.folder for each in shelf.backups_in(shelf_)] == [second, source.backup]


def test_a_killed_backup_is_taken_for_none_and_the_next_one_is_whole(source, tmp_path):
    with server.connect(server.url_of(source.settings)) as holder:
        holder.execute("LOCK TABLE customers IN ACCESS EXCLUSIVE MODE")  # which it has to wait for
        words = command(source.settings, "backup", "--to", str(tmp_path))
        child = subprocess.Popen(words, env=environment(source.settings), stderr=subprocess.DEVNULL)
        waits = (
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'crm-backup' AND wait_event_type = 'Lock'"
        )
        assert wait_until(lambda: asked(source.settings, waits)[0][0], 60)
        with pytest.raises(BackupError, match="Another backup") as busy:
            making.make(source.settings, tmp_path, keep=1)
        child.kill()
        child.wait()
    assert busy.value.problem is Problem.BUSY
    assert list(tmp_path.glob(".unfinished-*")) and not shelf.backups_in(tmp_path)
    made_ = making.make(source.settings, tmp_path, keep=1)
    assert [each.folder for each in shelf.backups_in(tmp_path)] == [made_] and not list(tmp_path.glob(".unfinished-*"))


def test_what_is_damaged_is_found_and_refused(source, restored, tmp_path):
    for name in (DUMP, "files", "secrets/field_keys", "files.txt", "manifest.json"):
        copy = tmp_path / "copy"
        shutil.copytree(source.backup, copy)
        spoilt = next(kept_in(copy)).path(copy) if name == "files" else copy / name
        content = bytearray(spoilt.read_bytes())
        content[len(content) // 2] ^= 4
        spoilt.write_bytes(content if name != "manifest.json" else content[:-9])
        with pytest.raises(restoring.NotRestored, match=name):
            restoring.restore(restored.plain, copy, over=True, say=quiet)
        shutil.rmtree(copy)
    checked = subprocess.run(
        command(restored.plain, "backup-check", str(source.backup)), capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0 and "Sound" in checked.stdout, checked.stderr


def test_nothing_is_restored_over_what_is_there_or_running(source, restored, tmp_path):
    with pytest.raises(restoring.NotRestored, match="--over"):
        restoring.restore(restored.plain, source.backup, over=False, say=quiet)
    with launch.alone(restored.plain), pytest.raises(SettingsError, match="already runs"):
        restoring.restore(restored.plain, source.backup, over=True, say=quiet)
    with (
        server.connect(server.url_of(restored.settings)),
        pytest.raises(restoring.NotRestored, match="1 connections to the database are open"),
    ):
        restoring.restore(restored.plain, source.backup, over=True, say=quiet)
    newer = tmp_path / "newer"
    shutil.copytree(source.backup, newer)
    told = json.loads((newer / "manifest.json").read_text()) | {"head": "9999"}
    (newer / "manifest.json").write_text(json.dumps(told))
    with pytest.raises(restoring.NotRestored, match="newer program"):
        restoring.restore(restored.plain, newer, over=True, say=quiet)


def test_a_restore_over_something_keeps_it_and_finds_back(source, restored):
    """And a server of one's own is restored into like ours. Where the old one cannot be kept, all stays as it was."""
    asked(restored.settings, "CREATE TABLE mark ()")
    (restored.plain.instance / "field_keys").write_text("another" * 9)
    with clock.frozen(clock.now() - dt.timedelta(days=1)):  # a stamp that the one below has not
        name = databases.aside(restored.settings, clock.now().strftime(restoring.STAMP))
        asked(restored.settings, f"CREATE DATABASE {name}")
        with pytest.raises(BackupError, match="could not be put aside"):
            restoring.restore(restored.plain, source.backup, over=True, say=quiet)
    assert "mark" in hashes(restored.settings)
    assert (restored.plain.instance / "field_keys").read_text() == "another" * 9
    told: list[str] = []
    assert restoring.restore(restored.plain, source.backup, over=True, say=told.append)
    assert "mark" not in hashes(restored.settings)
    stamp = next(each for each in told if "--back" in each).rpartition(" ")[2]
    assert (restored.plain.instance / f"field_keys.before-{stamp}").read_text() == "another" * 9
    restoring.go_back(restored.plain, stamp)
    assert "mark" in hashes(restored.settings)
    assert (restored.plain.instance / "field_keys").read_text() == "another" * 9


@pytest.fixture(scope="module")
def older(settings: Settings) -> Iterator[Settings]:
    """A database of a program before this one, with somebody in it."""
    with reachable() as folder, empty_database(settings, "crm_older") as base:
        own = replace(base, instance=folder, secret_key="", backup_to=str(folder / "backups"))
        with program(own):
            upgrade(revision=BEFORE)
        person = "('a@example.com', 'Anna', 'x', 'auto', false, true)"
        asked(own, f"INSERT INTO people (email, name, session_stamp, theme, data_saver, active) VALUES {person}")
        yield own


def test_a_failing_migration_says_what_was_kept_and_the_way_back(older):
    asked(older, "DROP FUNCTION protect_log(regclass)")
    asked(older, "CREATE FUNCTION protect_log(kept regclass) RETURNS integer LANGUAGE sql AS 'SELECT 1'")
    with program(older), pytest.raises(upgrading.NotUpgraded) as failed:
        upgrading.upgrade(older, quiet)
    backup = shelf.backups_in(Path(older.backup_to))[0].folder
    assert f"Migration {NEXT} failed" in str(failed.value)
    assert f"crm restore --over {backup}" in str(failed.value)


def test_an_older_backup_is_brought_up_to_date(source, older, settings):
    asked(older, "DROP FUNCTION IF EXISTS protect_log(regclass)")
    schema = "public"
    asked(older, f"CREATE FUNCTION {schema}.protect_log(kept regclass) RETURNS void LANGUAGE plpgsql AS 'BEGIN END'")
    tried = {each.sentence: each.fine for each in preflight.findings(older)}
    assert any("went through" in each for each in tried), tried
    backup = making.make(older, Path(older.backup_to), keep=3)
    with reachable() as folder, empty_database(settings, "crm_newer") as base:
        target = replace(base, instance=folder, secret_key="")
        told: list[str] = []
        assert restoring.restore(target, backup, over=False, say=told.append), told
        assert asked(target, "SELECT version_num FROM alembic_version") == [(revisions.head(),)]
        assert asked(target, "SELECT name FROM people") == [("Anna",)]


@pytest.fixture(scope="module", autouse=True)
def as_before(settings: Settings) -> Iterator[None]:
    """An app of another instance leaves this process asking that one's Redis and keys, which other tests do as well."""
    yield
    create_app(settings)
