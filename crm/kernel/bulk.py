"""Many rows into a table at once, in the transaction under way: COPY, the fastest door PostgreSQL has."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.exc import DBAPIError

from crm.infra.db import db, driven


def cursor() -> Any:
    """A psycopg cursor on the session's own connection, so that what it does is part of the transaction."""
    return db.session.connection().connection.driver_connection.cursor()  # type: ignore[union-attr]


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with _errors_as_usual(table), cursor() as at, at.copy(_copy(table, tuple(columns))) as copy:
        for row in rows:
            copy.write_row(row)


def array(values: Iterable[object]) -> str:
    """An array's literal, for values without quotes and backslashes; the driver takes ten times as long for one."""
    return "{" + ",".join([f'"{each}"' for each in values]) + "}"


@lru_cache(64)
def _copy(table: str, columns: tuple[str, ...]) -> bytes:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    return statement.as_bytes(None)


@contextmanager
def _errors_as_usual(table: str) -> Iterator[None]:
    """What goes wrong behind SQLAlchemy's back comes in its words, and a connection that broke is known to it."""
    connection = db.session.connection()
    try:
        yield
    except psycopg.Error as error:
        broken = bool(connection.connection.driver_connection.closed)  # type: ignore[union-attr]
        if broken:
            connection.invalidate(error)
        raise DBAPIError.instance(
            f"COPY {table}", None, error, psycopg.Error, connection_invalidated=broken, dialect=connection.dialect
        ) from error


def take_ids(table: str, count: int) -> list[int]:
    """Ids from the table's own sequence, so that rows that refer to each other can be written in one go."""
    return list(driven(_IDS, {"table": table, "count": count}).scalar() or ())


# Which sequence that is, is asked once and not for every id; one array is read sooner than rows.
_IDS = """
    SELECT array_agg(nextval(own)) FROM
    (SELECT pg_get_serial_sequence(%(table)s, 'id')::regclass AS own OFFSET 0) AS sequences,
    generate_series(1, %(count)s)"""
