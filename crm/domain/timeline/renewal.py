"""What follow-ups are searched by, made anew where its recipe has changed; called by migrations and tests."""

from sqlalchemy import Connection, text

from crm.domain.timeline.searching import SEARCHED, searched

_BATCH = 5_000
_READ = text(
    f"SELECT id, {', '.join(SEARCHED)} FROM follow_ups WHERE id > :after"
    " AND concat_ws(' ', body, result, next_step) ~ :pattern ORDER BY id LIMIT :most"
)
_WRITE = text(
    "UPDATE follow_ups SET search = CAST(made.search AS tsvector)"
    " FROM unnest(CAST(:ids AS bigint[]), CAST(:searches AS text[])) AS made (id, search)"
    " WHERE follow_ups.id = made.id"
)


def renew(connection: Connection, pattern: str = "") -> int:
    """Those whose texts have what the regular expression finds, deleted ones too; returns how many."""
    renewed = after = 0
    while rows := connection.execute(_READ, {"after": after, "pattern": pattern, "most": _BATCH}).mappings().all():
        ids, searches = [row["id"] for row in rows], [searched({**row}) for row in rows]
        connection.execute(_WRITE, {"ids": ids, "searches": searches})
        after, renewed = ids[-1], renewed + len(rows)
    return renewed
