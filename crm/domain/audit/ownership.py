"""The log belongs to the role that migrates; the role of the program may read it and add to it, and nothing else.

Where both are one role (no DATABASE_OWNER_URL) only the trigger and the revoked rights stand between the program and
its log, and the program could take them away: `kept_from_program` says so.
"""

from psycopg import sql
from sqlalchemy import URL, Connection, text

from crm.infra.db import db

# Every table and sequence that is in the wrong hands: the owner keeps the log, the program has the rest.
_MISPLACED = text("""
    WITH log AS (
        SELECT oid FROM pg_class
        WHERE relnamespace = current_schema()::regnamespace AND relname IN ('events', 'seals')
        UNION SELECT inhrelid FROM pg_inherits WHERE inhparent = to_regclass('events')
    )
    SELECT CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, oid::regclass::text, wanted
    FROM pg_class, LATERAL (SELECT CASE WHEN oid IN (TABLE log) THEN CURRENT_USER ELSE :program END AS wanted) AS hands
    WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'S')
        AND pg_get_userbyid(relowner) <> wanted
        AND NOT EXISTS (
            SELECT FROM pg_depend WHERE objid = pg_class.oid AND relkind = 'S' AND deptype IN ('a', 'i')
        )""")
_FUNCTIONS = ("only_added_to()", "protect_log(regclass)", "make_event_months()")
_ROOM = "GRANT USAGE, CREATE ON SCHEMA {schema} TO {program}"  # without CREATE it could own no table and build no index
_RIGHTS = (
    "GRANT SELECT, INSERT ON events, seals TO {program}",
    "GRANT SELECT, USAGE ON SEQUENCE events_id_seq TO {program}",
    "GRANT EXECUTE ON FUNCTION make_event_months() TO {program}",
)
# What the program reads through the whole it may also read part by part, which is how a backup reads.
_PARTS = text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'events'::regclass")
_OWNED = text("SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = 'events'::regclass")


def settle(connection: Connection, program: URL | None) -> None:
    """After migrating, as the owner: everything in its hands, and tables for the months to come.

    `program` is how the program signs in, if that is another role; a missing one is made.
    """
    if connection.scalar(text("SELECT to_regproc('make_event_months')")) is None:
        return  # migrated to before there were months
    if program is not None and program.username != connection.scalar(text("SELECT CURRENT_USER")):
        _divide(connection, program)
    connection.execute(text("SELECT make_event_months()"))


def restored(connection: Connection) -> None:
    """After tables came out of a backup, which says nothing of rights: those that protect the log, as when it was made.

    The rest is what settling does after every migration.
    """
    for table in ("events", "seals", *connection.scalars(_PARTS).all()):
        connection.execute(text(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM PUBLIC, CURRENT_USER"))
    connection.execute(text("REVOKE EXECUTE ON FUNCTION make_event_months(), protect_log(regclass) FROM PUBLIC"))


def kept_from_program() -> bool:
    """Whether the database would refuse the program, whatever it says, to change a line of the log."""
    return not db.session.scalar(_OWNED)


def _divide(connection: Connection, program: URL) -> None:
    name = program.username or ""  # Settings ask for one
    if connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": name}) is None:
        password = sql.Literal(program.password or None)
        _say(connection, sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(name), password))
    schema = connection.scalar(text("SELECT current_schema()"))
    _say(connection, sql.SQL(_ROOM).format(schema=sql.Identifier(schema), program=sql.Identifier(name)))
    for kind, thing, wanted in connection.execute(_MISPLACED, {"program": name}).all():
        told = sql.SQL(f"ALTER {kind} {thing} OWNER TO {{}}")
        _say(connection, told.format(sql.Identifier(wanted)))
    for function in _FUNCTIONS:
        connection.execute(text(f"ALTER FUNCTION {function} OWNER TO CURRENT_USER"))
    for right in _RIGHTS:
        _say(connection, sql.SQL(right).format(program=sql.Identifier(name)))
    for part in connection.scalars(_PARTS).all():
        _say(connection, sql.SQL(f"GRANT SELECT ON {part} TO {{}}").format(sql.Identifier(name)))


def _say(connection: Connection, statement: sql.Composed) -> None:
    connection.connection.driver_connection.execute(statement)  # type: ignore[union-attr]
