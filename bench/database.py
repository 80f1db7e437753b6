"""A PostgreSQL of our own with a filled database in it, kept under build/bench for the next time."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg

from bench import scale
from crm.config import Settings
from crm.infra import embedded

PROJECT = Path(__file__).resolve().parent.parent
BUILD = PROJECT / "build" / "bench"
PASSWORD = "a lamp behind nine doors"
ADMINISTRATOR = "boss@example.com"
# What a filled database depends on; anything else may change without filling it anew: it is migrated, as an
# installation would be.
_SOURCES = (
    *(f"crm/demo/{name}.py" for name in ("customers", "dice", "names", "places", "reach", "trades", "words")),
    "crm/kernel/text/*.py",
    "crm/kernel/text/*.txt",
    "crm/domain/records/derived.py",
    "crm/domain/reference/data/*",
    "bench/volume.py",
)
_SECRET = "bench " * 8


def rep(number: int) -> str:
    """The address of a rep: 1 owns most, scale.PEOPLE least."""
    return f"rep{number:03d}@example.com"


def manager(number: int) -> str:
    """The address of a manager: 1 of a region with a fifth of the departments, 2 of one department."""
    return f"manager{number}@example.com"


def say(sentence: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {sentence}", file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Database:
    url: str
    """As SQLAlchemy wants it, for the program."""
    owner_url: str
    """For migrations, and to make and drop databases."""
    pid: int = 0
    """Of the server."""

    @property
    def plain(self) -> str:
        """As psycopg wants it."""
        return self.url.replace("+psycopg", "")

    def named(self, name: str) -> "Database":
        url, owner_url = (each.replace("/crm?", f"/{name}?") for each in (self.url, self.owner_url))
        return replace(self, url=url, owner_url=owner_url)

    def connect(self) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(self.plain, autocommit=True)

    def connect_as_owner(self) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(self.owner_url.replace("+psycopg", ""), autocommit=True)

    def environment(self, instance: Path) -> dict[str, str]:
        """For a program that is to use it."""
        ours = {"DATABASE_URL": self.url, "CRM_INSTANCE": str(instance), "CRM_SECRET_KEY": _SECRET}
        ours |= {"DATABASE_OWNER_URL": self.owner_url}
        return os.environ | ours | {"PYTHONPATH": str(PROJECT)}

    def settings(self, instance: Path) -> Settings:
        return Settings(database_url=self.url, instance=instance, secret_key=_SECRET, log_level="warning")


@contextmanager
def filled(customers: int = scale.CUSTOMERS) -> Iterator[Database]:
    """A database with so many customers of scale.PEOPLE reps; only to be read."""
    home = BUILD / f"{_fingerprint()}-{customers}-{scale.PEOPLE}"
    for other in BUILD.glob(f"*-{customers}-{scale.PEOPLE}"):
        if other != home:
            say(f"{other.name} is of an older schema or generator: removed.")
            shutil.rmtree(other)
    servers = embedded.start(Settings(instance=home), only=["postgres"])
    try:
        database = Database(servers.database_url, servers.database_owner_url, servers.processes[0].pid)
        if not (home / "filled").exists():
            _fill(database, home, customers)
            (home / "filled").write_text("")
        else:
            _run_volume(database, home, "migrate")
        yield database
    finally:
        servers.stop(adopted=True)


@contextmanager
def copied(database: Database, name: str = "crm_copy") -> Iterator[Database]:
    """A copy that may be written to; gone afterwards."""
    with database.named("postgres").connect_as_owner() as connection:
        _drop(connection, name)
        connection.execute(f"CREATE DATABASE {name} TEMPLATE crm STRATEGY FILE_COPY")
        try:
            yield database.named(name)
        finally:
            _drop(connection, name)


def _drop(connection: "psycopg.Connection[tuple[object, ...]]", name: str) -> None:
    """Not WITH (FORCE), which stumbles over an autovacuum under way: that is for a superuser to end."""
    connection.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE datname = %s AND pg_has_role(usesysid, 'USAGE')",
        [name],
    )
    connection.execute(f"DROP DATABASE IF EXISTS {name}")


@contextmanager
def scratch() -> Iterator[Path]:
    """An instance folder for programs that are being measured."""
    with tempfile.TemporaryDirectory(prefix="crm-bench-", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o711)  # the account PostgreSQL and Redis run as must get through
        yield Path(folder)


def _fingerprint() -> str:
    told = hashlib.sha256()
    for pattern in _SOURCES:
        for path in sorted(PROJECT.glob(pattern)):
            if path.is_file() and path.suffix != ".pyc":
                told.update(str(path.relative_to(PROJECT)).encode() + path.read_bytes())
    return told.hexdigest()[:12]


def _fill(database: Database, home: Path, customers: int) -> None:
    say(f"Filling a database with {customers:,} customers (once) …")
    begun = time.monotonic()
    with database.named("postgres").connect_as_owner() as connection:
        _drop(connection, "crm")
        connection.execute("CREATE DATABASE crm")
    _run_volume(database, home, "people")
    half = -(-customers // 2)
    parts = [(0, half), (half, customers - half)]
    children = [_start_volume(database, home, "customers", first, count, customers) for first, count in parts if count]
    if any([child.wait() for child in children]):
        raise RuntimeError("The database could not be filled; the reason is written above.")
    _run_volume(database, home, "age")
    say(f"Filled in {time.monotonic() - begun:.0f} s.")


def _start_volume(database: Database, home: Path, *args: object) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "bench.volume", *map(str, args)]
    return subprocess.Popen(command, cwd=PROJECT, env=database.environment(home) | {"CRM_LOG_LEVEL": "warning"})


def _run_volume(database: Database, home: Path, *args: object) -> None:
    if _start_volume(database, home, *args).wait():
        raise RuntimeError("The database could not be filled; the reason is written above.")


def sizes(database: Database) -> dict[str, object]:
    """How large what is measured is, for a measurement's detail."""
    with database.connect() as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM customers), pg_table_size('customers') / 1048576,"
            " pg_indexes_size('customers') / 1048576, pg_database_size(current_database()) / 1048576,"
            " current_setting('fsync'), current_setting('shared_buffers')"
        ).fetchone()
    keys = ("customers", "table_mb", "indexes_mb", "database_mb", "fsync", "shared_buffers")
    return json.loads(json.dumps(dict(zip(keys, row or (), strict=True)), default=str))
