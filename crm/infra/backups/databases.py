"""Putting a dump into a database, and putting whole databases aside. As the role that owns the database."""

from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from crm.config import Settings
from crm.infra.backups import BackupError, Problem
from crm.infra.backups.making import TABLES
from crm.infra.backups.manifest import DUMP, Manifest
from crm.infra.backups.server import address, connect, program, run, url_of

_OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename IS NOT NULL"""


def is_empty(settings: Settings) -> bool:
    """Whether the database has no table."""
    with connect(url_of(settings)) as connection:
        return not connection.execute(TABLES).fetchall()


def others(settings: Settings) -> int:
    """How many others are connected to the database."""
    with connect(url_of(settings)) as connection:
        row = connection.execute(_OTHERS).fetchone()
        return row[0] if row else 0


def aside(settings: Settings, stamp: str) -> str:
    """What the database is called when it is put aside."""
    return f"{_name(settings)}_before_{stamp}"


def set_aside(settings: Settings, stamp: str) -> None:
    """Rename the database and make an empty one of its name. BackupError where our role may not."""
    _swap(settings, aside(settings, stamp), None)


def swap_back(settings: Settings, stamp: str, now: str) -> None:
    """The one put aside under `stamp` is used again; the one used until now is put aside under `now`."""
    _swap(settings, aside(settings, now), aside(settings, stamp))


def undo_aside(settings: Settings, stamp: str) -> None:
    """After a restore that came to nothing: the new database goes, and the old one has its name again."""
    url, name = url_of(settings), _name(settings)
    with connect(url, "postgres", autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        connection.execute(_rename(aside(settings, stamp), name))


def _swap(settings: Settings, away: str, back: str | None) -> None:
    """The database goes by another name; another one, or an empty one, gets its own."""
    url, name = url_of(settings), _name(settings)
    with connect(url, "postgres", autocommit=True) as connection:
        try:
            connection.execute(_rename(name, away))
            try:
                if back:
                    connection.execute(_rename(back, name))
                else:
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            except psycopg.Error:
                connection.execute(_rename(away, name))
                raise
        except psycopg.Error as error:
            raise BackupError(
                Problem.DUMP,
                f"The database {name} could not be put aside: {error}. Stop whatever is connected to it. If our role "
                "may not make databases, make an empty one and name it in DATABASE_URL and DATABASE_OWNER_URL.",
            ) from error


def _rename(before: str, after: str) -> sql.Composed:
    return sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(before), sql.Identifier(after))


def _name(settings: Settings) -> str:
    return make_url(url_of(settings)).database or "crm"


def fill(settings: Settings, folder: Path, manifest: Manifest) -> None:
    """The dump into the empty database: all of it or nothing. Everything belongs to our role afterwards."""
    dsn, environment = address(url_of(settings))
    pg_restore = program(settings, "pg_restore", manifest.pg_dump)
    options = ["--no-owner", "--no-privileges", "--no-comments", "--exit-on-error", "--single-transaction"]
    run([pg_restore, *options, f"--dbname={dsn}", folder / DUMP], environment)


def listed(settings: Settings, folder: Path, manifest: Manifest) -> None:
    """BackupError where pg_restore does not understand the dump. Needs no server."""
    run([program(settings, "pg_restore", manifest.pg_dump), "--list", folder / DUMP], address("postgresql://")[1])


def rows(settings: Settings) -> dict[str, int]:
    """How many rows each table has."""
    with connect(url_of(settings)) as connection:
        found = {}
        for (name,) in connection.execute(TABLES).fetchall():
            row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.SQL(name))).fetchone()
            found[name] = row[0] if row else 0
        return found
