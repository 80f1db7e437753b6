"""Events and their seals are only ever added to: the role of the program loses the right to change them."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = ("events", "seals")


def upgrade() -> None:
    op.drop_constraint(op.f("fk_deliveries_event_id"), "deliveries")
    op.execute("""
        CREATE FUNCTION only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% is only ever added to', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
        END $$
    """)
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION only_added_to()"
        )
        op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM PUBLIC, CURRENT_USER")


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"GRANT UPDATE, DELETE, TRUNCATE ON {table} TO CURRENT_USER")
        op.execute(f"DROP TRIGGER only_added_to ON {table}")
    op.execute("DROP FUNCTION only_added_to()")
    op.create_foreign_key(op.f("fk_deliveries_event_id"), "deliveries", "events", ["event_id"], ["id"])
