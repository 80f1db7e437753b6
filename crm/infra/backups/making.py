"""Making a backup while the program runs.

One snapshot of the database is counted, asked which files it names, and dumped. Files are copied after that: one is
always written before the row that names it is kept, so every file of the snapshot is there; one that was deleted in
the meantime is named in the manifest.
"""

import datetime as dt
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from crm.config import VERSION, Settings, SettingsError
from crm.infra import clock, revisions
from crm.infra.backups import BackupError, Problem, files, secrets, server, shelf
from crm.infra.backups.manifest import DUMP, LISTING, SECRETS, Manifest, damaged, part_of, plain
from crm.infra.embedded import postgres
from crm.infra.embedded.lock import locked
from crm.infra.embedded.process import spawn
from crm.infra.storage.scratch import sync_folder

Say = Callable[[str], None]
TABLES = """
    SELECT oid::regclass::text FROM pg_class
    WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace ORDER BY 1"""
_KEYS = """
    SELECT attrelid::regclass::text FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE attname = 'storage_key' AND relkind = 'r' AND relnamespace = current_schema()::regnamespace"""
_TOLD_EVERY = 5.0  # seconds


def make(settings: Settings, to: Path, *, keep: int, say: Say = lambda _: None, wait: bool = False) -> Path:
    """A new backup in the folder `to`, checked; returns its own. All but the `keep` newest are removed after that.

    BackupError with a sentence when there is none; nothing is left that could be taken for one.
    """
    with _private():
        try:
            to.mkdir(mode=0o700, parents=True, exist_ok=True)
            with locked(to / ".lock", wait=wait) as ours:
                if not ours:
                    raise BackupError(Problem.BUSY, f"Another backup is being made in {to}; this one ends here.")
                shelf.sweep(to)
                folder = _make(settings, to, say)
                for old in shelf.prune(to, keep):
                    say(f"Removed the old backup {old.name}.")
        except SettingsError as error:
            raise BackupError(Problem.FOLDER, str(error)) from error
        except psycopg.Error as error:
            raise BackupError(Problem.DUMP, f"The database could not be read: {error}") from error
        except OSError as error:
            raise _plain(error, to) from error
    return folder


def _make(settings: Settings, to: Path, say: Say) -> Path:
    begun, name = time.monotonic(), _name(to)
    before = next(iter(shelf.backups_in(to)), None)
    part = to / (shelf.PARTIAL + name)
    part.mkdir(mode=0o700)
    try:
        manifest = _fill(settings, part, before.folder if before else None, begun, say)
        if wrong := damaged(part, manifest):
            raise BackupError(Problem.DAMAGED, f"What was written does not read back: {', '.join(wrong[:5])}.")
        shelf.note_check(part, [])
        _sync(part)
        part.rename(to / name)
        sync_folder(to)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    say(f"{to / name}: {plain(manifest.bytes)}, {manifest.files} files, in {manifest.seconds:.0f} s.")
    return to / name


def _name(to: Path) -> str:
    """Of this second, or of the next one that no other backup has."""
    at = clock.now()
    while (to / (name := f"crm-{at:%Y%m%d-%H%M%S}")).exists():
        at += dt.timedelta(seconds=1)
    return name


def _fill(settings: Settings, part: Path, before: Path | None, begun: float, say: Say) -> Manifest:
    at = clock.now()
    secrets.save(settings, part / SECRETS, secrets.ANCHORS)
    with server.connect(server.url_of(settings)) as connection:
        snapshot = _snapshot(connection)
        _refuse_too_little_room(settings, part, snapshot.bytes)
        pg_dump = server.program(settings, "pg_dump", snapshot.version)
        say(f"The database is being dumped ({plain(snapshot.bytes)} as it stands, {sum(snapshot.rows.values())} rows).")
        _dump(settings, pg_dump, snapshot.name, part, say)
        keys = snapshot.keys
    say(f"{len(keys)} uploaded files are being copied.")
    missing = files.copy(settings, keys, part, before, say)
    secrets.save(settings, part / SECRETS, secrets.KEYS)
    if missing:
        say(f"{len(missing)} files that the database names are not there; {part.name} lists them.")
    names = [DUMP, LISTING, *(f"{SECRETS}/{each.name}" for each in sorted((part / SECRETS).iterdir()))]
    parts = {each: part_of(part / each) for each in names}
    listed = files.sizes(part)
    manifest = Manifest(
        made_at=at.isoformat(timespec="seconds"),
        program=VERSION,
        head=snapshot.head,
        postgres=snapshot.full_version,
        pg_dump=postgres.version_of(pg_dump),
        rows=snapshot.rows,
        parts=parts,
        files=len(listed),
        missing=tuple(missing),
        bytes=sum(each.size for each in parts.values()) + sum(listed),
        seconds=round(time.monotonic() - begun, 1),
    )
    manifest.write(part)
    return manifest


@dataclass(frozen=True)
class _Snapshot:
    name: str
    head: str
    version: int
    full_version: str
    bytes: int
    rows: dict[str, int]
    keys: list[str]


def _snapshot(connection: "psycopg.Connection[tuple[Any, ...]]") -> _Snapshot:
    """One moment of the database, held open by the connection's transaction."""
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    connection.execute("SET idle_in_transaction_session_timeout = 0")

    def one(asked: Any) -> Any:
        row = connection.execute(asked).fetchone()
        return row[0] if row else None

    name, head = one("SELECT pg_export_snapshot()"), revisions.current(connection)
    tables = [row[0] for row in connection.execute(TABLES)]
    count = "SELECT count(*) FROM {}"
    return _Snapshot(
        name=name,
        head=head,
        version=connection.info.server_version // 10_000,
        full_version=one("SHOW server_version"),
        bytes=one("SELECT pg_database_size(current_database())"),
        rows={each: one(sql.SQL(count).format(sql.SQL(each))) for each in tables},
        keys=sorted(
            {
                key
                for row in connection.execute(_KEYS).fetchall()
                for (key,) in connection.execute(
                    sql.SQL("SELECT storage_key FROM {} WHERE storage_key IS NOT NULL").format(sql.SQL(row[0]))
                )
            }
        ),
    )


def _dump(settings: Settings, pg_dump: Path, snapshot: str, part: Path, say: Say) -> None:
    dsn, environment = server.address(server.url_of(settings))
    command = [pg_dump, "--format=custom", "--compress=1", "--lock-wait-timeout=60s", f"--snapshot={snapshot}"]
    said, dump = part / "pg_dump.log", part / DUMP
    with said.open("wb") as output:
        child = spawn(
            [*command, f"--file={dump}", f"--dbname={dsn}"], orphaned=signal.SIGTERM, env=environment, output=output
        )
        try:
            while _runs(child):
                say(f"  {plain(dump.stat().st_size if dump.exists() else 0)} written …")
        finally:
            if child.poll() is None:
                child.terminate()
                child.wait()
    words = said.read_text(errors="replace").strip()
    if child.returncode:
        problem = Problem.FULL if "No space left" in words else Problem.DUMP
        raise BackupError(problem, f"pg_dump failed; it said:\n{words[-2000:]}")
    said.unlink()


def _runs(child: "subprocess.Popen[bytes]") -> bool:
    try:
        child.wait(_TOLD_EVERY)
    except subprocess.TimeoutExpired:
        return True
    return False


def estimate(settings: Settings, database_bytes: int) -> int:
    """Bytes a backup takes at most, most likely: a dump is packed, and files of the one before are not copied again."""
    return database_bytes // 2 + files.ROOM


def _refuse_too_little_room(settings: Settings, part: Path, database_bytes: int) -> None:
    needed, free = estimate(settings, database_bytes), shutil.disk_usage(part).free
    if free < needed:
        raise BackupError(
            Problem.FULL,
            f"{part.parent} has {plain(free)} free, and a backup may need {plain(needed)}: make room, keep fewer "
            "(CRM_BACKUP_KEEP) or choose another folder (CRM_BACKUP_TO).",
        )


def _plain(error: OSError, to: Path) -> BackupError:
    if error.errno == 28:  # ENOSPC
        return BackupError(Problem.FULL, f"{to} is full: make room, or choose another folder (CRM_BACKUP_TO).")
    return BackupError(Problem.FOLDER, f"{to} cannot be written: {error}. Choose another folder (CRM_BACKUP_TO).")


class _private:
    """Whatever is made in the block is for this account alone."""

    def __enter__(self) -> None:
        self._before = os.umask(0o077)

    def __exit__(self, *_: object) -> None:
        os.umask(self._before)


def _sync(folder: Path) -> None:
    """On the disk and not only in the machine's memory."""
    for each in [*folder.rglob("*"), folder]:
        descriptor = os.open(each, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
