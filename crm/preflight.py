"""Before an upgrade: what stands in its way, each in a sentence with what to do."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from crm.config import Settings
from crm.infra import clock, revisions
from crm.infra.backups import BackupError, making, server, shelf
from crm.infra.backups.manifest import plain
from crm.infra.embedded.postgres import OLDEST

_LONG = """
    SELECT pid, extract(epoch FROM now() - xact_start)::int FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND now() - xact_start > interval '1 minute'"""
_SCRATCH = "crm_preflight"
_PROJECT = Path(__file__).resolve().parent.parent
# Work under way: what it is called, its table, and which rows of it wait or run.
_WORK = (
    ("imports", "imports", "state IN ('inspecting', 'checking', 'comparing', 'rehearsing', 'running')"),
    ("exports", "exports", "finished_at IS NULL"),
    ("changes of many records", "bulk_changes", "state = 'running'"),
)


@dataclass(frozen=True)
class Finding:
    fine: bool
    sentence: str


def findings(settings: Settings) -> Iterator[Finding]:
    try:
        with server.connect(server.url_of(settings), autocommit=True) as connection:
            yield _version(connection)
            yield _room(settings, connection)
            yield from _backups(settings)
            yield _long(connection)
            yield _work(connection)
            waiting = revisions.waiting(at := revisions.current(connection))
    except BackupError as error:
        yield Finding(False, f"{error} Start it, or mend DATABASE_URL.")
        return
    if not waiting:
        yield Finding(True, f"No migration waits: the database has {at}.")
        return
    yield Finding(True, "Migrations wait: " + "; ".join(f"{each} {words}" for each, words in waiting.items()))
    yield _tried(settings, at)


def _version(connection: "psycopg.Connection[Any]") -> Finding:
    major = connection.info.server_version // 10_000
    if major < OLDEST:
        return Finding(False, f"The database is PostgreSQL {major}: {OLDEST} or newer is needed. Upgrade it first.")
    return Finding(True, f"The database answers: PostgreSQL {major}.")


def _room(settings: Settings, connection: "psycopg.Connection[Any]") -> Finding:
    row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    place = shelf.usual(settings)
    while not place.exists():
        place = place.parent
    needed, free = making.estimate(settings, row[0] if row else 0), shutil.disk_usage(place).free
    if free < needed:
        return Finding(False, f"{place} has {plain(free)} free, a backup may need {plain(needed)}: make room.")
    return Finding(True, f"{place} has {plain(free)} free, a backup may need {plain(needed)}.")


def _backups(settings: Settings) -> Iterator[Finding]:
    last = next(iter(shelf.backups_in(shelf.usual(settings))), None)
    if last is None:
        yield Finding(False, f"There is no backup in {shelf.usual(settings)}: run  crm backup")
    elif last.checked:
        yield Finding(False, f"The last backup, {last.folder}, is damaged: run  crm backup")
    elif clock.now() - last.at > shelf.LATE:
        yield Finding(False, f"The last backup is of {last.manifest.made_at}: run  crm backup")
    else:
        yield Finding(True, f"The last backup is of {last.manifest.made_at}: {last.folder}")


def _long(connection: "psycopg.Connection[Any]") -> Finding:
    held = connection.execute(_LONG).fetchall()
    if not held:
        return Finding(True, "No transaction has been open for long.")
    told = ", ".join(f"{pid} for {seconds} s" for pid, seconds in held)
    return Finding(
        False, f"Transactions are open that a migration may have to wait for (process {told}): let them end."
    )


def _work(connection: "psycopg.Connection[Any]") -> Finding:
    found = []
    for words, table, waits in _WORK:
        if connection.execute("SELECT to_regclass(%s)", (table,)).fetchone() == (None,):
            continue
        asked = sql.SQL(f"SELECT count(*) FROM {table} WHERE {waits}")
        row = connection.execute(asked).fetchone()
        if row and row[0]:
            found.append(f"{row[0]} {words}")
    if found:
        return Finding(False, f"Work is under way ({', '.join(found)}): let it end; it would go on after the upgrade.")
    return Finding(True, "No import, export or change of many records is under way.")


def _tried(settings: Settings, at: str) -> Finding:
    """The migrations on a copy of the tables without their rows, in a database that is dropped again."""
    url = server.url_of(settings)
    try:
        with server.connect(url, "postgres", autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(_SCRATCH)))
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_SCRATCH)))
    except (BackupError, psycopg.Error):
        return Finding(True, "The migrations were not tried: our role may not make a database to try them in.")
    try:
        return _try(settings, url, at)
    except BackupError as error:
        return Finding(True, f"The migrations were not tried: {error}")
    finally:
        with server.connect(url, "postgres", autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(_SCRATCH)))


def _try(settings: Settings, url: str, at: str) -> Finding:
    with TemporaryDirectory() as folder, server.connect(url) as connection:
        major, dump = connection.info.server_version // 10_000, Path(folder) / "schema.dump"
        pg_dump = server.program(settings, "pg_dump", major)
        dsn, environment = server.address(url)
        scratch, _ = server.address(url, _SCRATCH)
        options = ["--no-owner", "--no-privileges"]
        server.run(
            [pg_dump, "--format=custom", "--schema-only", *options, f"--file={dump}", f"--dbname={dsn}"], environment
        )
        pg_restore = pg_dump.with_name("pg_restore")
        server.run([pg_restore, *options, "--no-comments", "--exit-on-error", f"--dbname={scratch}", dump], environment)
    with server.connect(url, _SCRATCH) as connection:
        connection.execute("INSERT INTO alembic_version VALUES (%s)", (at,))
    return _run(settings)


def _run(settings: Settings) -> Finding:
    """In a process of its own, as the program does it."""
    named = {"DATABASE_URL": settings.database_url, "DATABASE_OWNER_URL": settings.database_owner_url}
    urls = {key: _of_scratch(url) for key, url in named.items()}
    environment = {**os.environ, **urls, "REDIS_URL": settings.redis_url, "CRM_BACKUP_FIRST": "no"}
    environment["CRM_INSTANCE"] = str(settings.instance.resolve())
    command = [sys.executable, "-m", "crm", "migrate"]
    done = subprocess.run(command, env=environment, cwd=_PROJECT, capture_output=True, text=True, check=False)
    if done.returncode:
        return Finding(
            False, f"The migrations fail on a copy of the tables; do not upgrade:\n{done.stderr.strip()[-1500:]}"
        )
    return Finding(True, "The migrations were tried on a copy of the tables, without their rows, and went through.")


def _of_scratch(url: str) -> str:
    return make_url(url).set(database=_SCRATCH).render_as_string(hide_password=False) if url else ""
