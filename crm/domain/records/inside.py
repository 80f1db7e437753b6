"""What records are found by inside words, added to those written before; called by the migration and its test."""

from sqlalchemy import Connection, text

from crm.kernel.text.script import haystack
from crm.kernel.text.tokens import inside_tokens, tsvector

_BATCH = 5_000
_LATIN = "[A-Za-z\u00c0-\u024f\u0370-\u052f][A-Za-z0-9\u00c0-\u024f\u0370-\u052f]{3}|[0-9][A-Za-z0-9]{3}"


def add_inside(connection: Connection, table: str, *texts: str) -> int:
    """Rows of `table` whose name or `texts`, columns it is named by as well, have a word of four letters or more;
    returns how many. As tables, not as records: a migration runs against the columns of its time."""
    said = "concat_ws(' ', " + ", ".join(("name", *texts)) + ")"
    read = text(f"SELECT id, {said} FROM {table} WHERE id > :after AND {said} ~ :latin ORDER BY id LIMIT :most")
    write = text(
        f"UPDATE {table} AS kept SET search = kept.search || CAST(added.tokens AS tsvector)"
        " FROM unnest(CAST(:ids AS bigint[]), CAST(:tokens AS text[])) AS added(id, tokens) WHERE kept.id = added.id"
    )
    done = after = 0
    while rows := connection.execute(read, {"after": after, "latin": _LATIN, "most": _BATCH}).all():
        tokens = [tsvector(inside_tokens(haystack(said))) for _, said in rows]
        connection.execute(write, {"ids": [id_ for id_, _ in rows], "tokens": tokens})
        after, done = rows[-1][0], done + len(rows)
    return done
