"""Derived columns made anew where their recipe has changed; called by migrations and tests."""

from sqlalchemy import Connection, text

from crm.domain.customers.actions import RECIPE

_BATCH = 5_000
_READ = text(
    "SELECT id, name, number, phone, email FROM customers"
    " WHERE id > :after AND search_text ~ :pattern ORDER BY id LIMIT :most"
)
_WRITE = text(
    "UPDATE customers SET name_key = :name_key, sort_key = :sort_key, search = CAST(:search AS tsvector),"
    " search_text = :search_text WHERE id = :id"
)


def renew(connection: Connection, pattern: str) -> int:
    """Those whose searched text has what the regular expression finds; returns how many. As tables, not as records:
    a migration runs against the columns of its time, and nothing a person would be told has changed."""
    renewed = after = 0
    while rows := connection.execute(_READ, {"after": after, "pattern": pattern, "most": _BATCH}).mappings().all():
        connection.execute(_WRITE, [{"id": row["id"], **RECIPE({**row})} for row in rows])
        after, renewed = rows[-1]["id"], renewed + len(rows)
    return renewed
