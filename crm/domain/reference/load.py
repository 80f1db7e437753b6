"""Brings the reference tables to what this release ships; called by migrations and tests."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects.postgresql import insert

from crm.domain.reference.entries import Entry, industries, regions
from crm.domain.reference.models import Industry, Region


def load(connection: Connection) -> None:
    """Insert what is missing, correct what differs; an entry a release dropped stays for the records that use it."""
    _upsert(connection, Industry.__table__, industries().values())
    _upsert(connection, Region.__table__, regions().values())


def _upsert(connection: Connection, table: Any, entries: Iterable[Entry]) -> None:
    assert isinstance(table, Table)
    columns = [column.name for column in table.columns]
    rows = [{column: _value(entry, column) for column in columns} for entry in entries]
    statement = insert(table)
    changed = {column: statement.excluded[column] for column in columns if column != "code"}
    connection.execute(statement.on_conflict_do_update(index_elements=["code"], set_=changed), rows)


def _value(entry: Entry, column: str) -> Any:
    return "/".join(entry.path) if column == "path" else getattr(entry, column)
