"""Events live in a table for each month. No row is moved: the table so far becomes the part of everything before."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# The first month with a table of its own: the one under way, or the one after the latest event there is.
_FIRST = """
    SELECT greatest(
        date_trunc('month', now()), date_trunc('month', max(occurred_at)) + interval '1 month'
    ) FROM events"""

_PROTECT = """
    CREATE FUNCTION {schema}.protect_log(kept regclass) RETURNS void LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        EXECUTE format(
            'CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON %s'
            ' FOR EACH STATEMENT EXECUTE FUNCTION {schema}.only_added_to()', kept);
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s FROM PUBLIC, CURRENT_USER', kept);
    END $$"""

# With the rights of the tables' owner, for whoever may call it: it takes no argument and can only add what is missing.
# What the net (the DEFAULT part) caught of a month is put where it belongs when the month's table is made.
_MAKE = """
    CREATE FUNCTION {schema}.make_event_months() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET lock_timeout = '4s' AS $$
    DECLARE
        months timestamptz[];
        month timestamptz;
        name text;
        caught boolean;
    BEGIN
        PERFORM pg_advisory_xact_lock(hashtext('make_event_months'));
        months := ARRAY(
            SELECT each
            FROM generate_series(
                greatest(timestamptz '{first}', date_trunc('month', now())),
                date_trunc('month', now()) + interval '3 months', interval '1 month') AS each
            WHERE NOT EXISTS (
                SELECT FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
                WHERE inhparent = '{schema}.events'::regclass AND relname = to_char(each, '"events_"YYYY_MM')));
        IF cardinality(months) = 0 THEN
            RETURN 0;
        END IF;
        caught := EXISTS (
            SELECT FROM {schema}.events_default WHERE date_trunc('month', occurred_at) = ANY (months));
        IF caught THEN
            ALTER TABLE {schema}.events DETACH PARTITION {schema}.events_default;
            ALTER TABLE {schema}.events_default RENAME TO events_caught;
            CREATE TABLE {schema}.events_default PARTITION OF {schema}.events DEFAULT;
            PERFORM {schema}.protect_log('{schema}.events_default');
        END IF;
        FOREACH month IN ARRAY months LOOP
            name := '{schema}.' || to_char(month, '"events_"YYYY_MM');
            -- Made beside and then attached, since that holds up nobody who writes.
            EXECUTE format('CREATE TABLE %s (LIKE {schema}.events INCLUDING DEFAULTS)', name);
            EXECUTE format('ALTER TABLE {schema}.events ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)',
                name, month, month + interval '1 month');
            PERFORM {schema}.protect_log(name::regclass);
        END LOOP;
        IF caught THEN
            INSERT INTO {schema}.events SELECT * FROM {schema}.events_caught;
            DROP TABLE {schema}.events_caught;
        END IF;
        RETURN cardinality(months);
    END $$"""


def upgrade() -> None:
    connection = op.get_bind()
    _deliveries()
    op.execute("SET LOCAL timezone = 'UTC'")
    first = connection.scalar(sa.text(_FIRST))
    schema = connection.scalar(sa.text("SELECT quote_ident(current_schema())"))
    op.execute("ALTER TABLE events OWNER TO CURRENT_USER")  # whoever migrates may be another than before
    op.execute("ALTER TABLE events RENAME TO events_before")
    op.execute("ALTER TABLE events_before DROP CONSTRAINT pk_events")
    op.execute("DROP INDEX ix_events_occurred")  # the new primary key is that
    op.execute("ALTER INDEX ix_events_timeline RENAME TO ix_events_before_timeline")
    op.execute("CREATE TABLE events (LIKE events_before INCLUDING DEFAULTS) PARTITION BY RANGE (occurred_at)")
    op.execute("ALTER SEQUENCE events_id_seq OWNED BY events.id")
    op.execute("ALTER TABLE events ADD CONSTRAINT pk_events PRIMARY KEY (occurred_at, id)")
    op.execute("CREATE INDEX ix_events_id ON events (id)")
    op.execute("CREATE INDEX ix_events_timeline ON events (subject_type, subject_id, occurred_at, id)")
    op.execute(f"ALTER TABLE events ATTACH PARTITION events_before FOR VALUES FROM (MINVALUE) TO ('{first}')")
    op.execute("CREATE TABLE events_default PARTITION OF events DEFAULT")
    op.execute(_PROTECT.format(schema=schema))
    op.execute(_MAKE.format(schema=schema, first=first.isoformat()))
    op.execute("REVOKE EXECUTE ON FUNCTION make_event_months(), protect_log(regclass) FROM PUBLIC")
    op.execute("SELECT protect_log('events'), protect_log('events_default')")


def _deliveries() -> None:
    """They know the month of their event, so that it is looked for in one table."""
    op.add_column("deliveries", sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE deliveries SET occurred_at = events.occurred_at FROM events WHERE events.id = deliveries.event_id"
    )
    op.execute("DELETE FROM deliveries WHERE occurred_at IS NULL")  # of no event: none was ever delivered
    op.alter_column("deliveries", "occurred_at", nullable=False)


def downgrade() -> None:
    op.execute("CREATE TABLE events_again (LIKE events INCLUDING DEFAULTS)")
    op.execute("INSERT INTO events_again SELECT * FROM events")
    op.execute("ALTER SEQUENCE events_id_seq OWNED BY NONE")
    op.execute("DROP TABLE events")
    op.execute("ALTER TABLE events_again RENAME TO events")
    op.execute("ALTER SEQUENCE events_id_seq OWNED BY events.id")
    op.execute("ALTER TABLE events ADD CONSTRAINT pk_events PRIMARY KEY (id)")
    op.create_index("ix_events_timeline", "events", ["subject_type", "subject_id", "occurred_at", "id"])
    op.create_index("ix_events_occurred", "events", ["occurred_at", "id"])
    op.execute("SELECT protect_log('events')")
    op.execute("DROP FUNCTION make_event_months()")
    op.execute("DROP FUNCTION protect_log(regclass)")
    op.drop_column("deliveries", "occurred_at")
