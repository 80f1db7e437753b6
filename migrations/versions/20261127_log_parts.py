"""Who may read the audit log may read each month's table too, so that the program can make backups."""

import sqlalchemy as sa
from alembic import op

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None

_PROTECT = """
    CREATE OR REPLACE FUNCTION {schema}.protect_log(kept regclass) RETURNS void LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
    {declare}
    BEGIN
        EXECUTE format(
            'CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON %s'
            ' FOR EACH STATEMENT EXECUTE FUNCTION {schema}.only_added_to()', kept);
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s FROM PUBLIC, CURRENT_USER', kept);
        {grant}
    END $$"""
_GRANT = """
        FOR reader IN
            SELECT DISTINCT grantee::regrole::text FROM pg_class, aclexplode(relacl)
            WHERE pg_class.oid = '{schema}.events'::regclass AND privilege_type = 'SELECT' AND grantee <> 0
                AND grantee <> relowner
        LOOP
            EXECUTE format('GRANT SELECT ON %s TO %s', kept, reader);
        END LOOP;"""


def _protect(declare: str, grant: str) -> None:
    schema = op.get_bind().scalar(sa.text("SELECT quote_ident(current_schema())"))
    op.get_bind().exec_driver_sql(
        _PROTECT.format(schema=schema, declare=declare, grant=grant.format(schema=schema)).replace("%", "%%")
    )


def upgrade() -> None:
    _protect("DECLARE reader text;", _GRANT)


def downgrade() -> None:
    _protect("", "")
