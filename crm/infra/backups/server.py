"""The database as PostgreSQL's own programs reach it, and which of those programs fit it."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy.engine import make_url

from crm.config import Settings
from crm.infra.backups import BackupError, Problem
from crm.infra.embedded import normalised, postgres


def url_of(settings: Settings) -> str:
    """Of the role that may read most: the owner's where it is known, else the program's."""
    return normalised(settings.database_owner_url or settings.database_url)


def address(url: str, database: str = "") -> tuple[str, dict[str, str]]:
    """libpq's spelling without the password, and the environment that holds it: a command line is read by anybody."""
    found = make_url(url)
    known = {"user": found.username, "host": found.host, "port": found.port, "dbname": database or found.database}
    bare = make_conninfo(**known | dict(found.query))  # the folder of a socket may have a blank in its name
    secret = {"PGPASSWORD": str(found.password)} if found.password else {}
    return bare, {**os.environ, **secret, "LC_ALL": "C", "PGAPPNAME": "crm-backup"}


def connect(url: str, database: str = "", *, autocommit: bool = False) -> "psycopg.Connection[tuple[Any, ...]]":
    """BackupError when nobody answers."""
    dsn, environment = address(url, database)
    password = environment["PGPASSWORD"] if make_url(url).password else None
    try:
        return psycopg.connect(
            dsn, password=password, autocommit=autocommit, application_name="crm-backup", connect_timeout=10
        )
    except psycopg.OperationalError as error:
        raise BackupError(Problem.DUMP, f"The database cannot be reached: {error}") from error


def program(settings: Settings, name: str, at_least: int) -> Path:
    """pg_dump or pg_restore of this major version or the next newer one there is."""
    found = {}
    for folder, *_ in postgres.candidates(settings):
        version = postgres.version_of(folder / name)
        found.setdefault(version, folder / name)
    fitting = min((version for version in found if version >= at_least), default=0)
    if not fitting:
        here = ", ".join(str(version) for version in sorted(found) if version) or "none"
        raise BackupError(
            Problem.PROGRAMS,
            f"{name} of PostgreSQL {at_least} or newer is needed; here is {here}. "
            "Run bin/setup, install PostgreSQL's client programs, or name their folder in CRM_POSTGRES_BIN.",
        )
    return found[fitting]


def run(command: Sequence[str | Path], environment: Mapping[str, str]) -> None:
    """BackupError with what the program said."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        raise BackupError(Problem.DUMP, f"{Path(command[0]).name} failed; it said:\n{done.stderr.strip()[-2000:]}")
