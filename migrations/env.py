"""Runs the migrations inside the app: one transaction each, and never waiting long for a lock in use."""

from alembic import context
from flask import current_app
from sqlalchemy import text

from crm.infra.db import db

TIMEOUTS = "SET lock_timeout = '4s'; SET statement_timeout = '0'"
_LOCK = 727_001  # two starting machines migrate one after the other


def run() -> None:
    connection = context.config.attributes.get("connection")
    if connection is not None:
        _migrate(connection)
        return
    with db.engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        connection.execute(text(TIMEOUTS))
        connection.commit()
        _migrate(connection)
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
        connection.commit()


def _migrate(connection) -> None:
    configure = current_app.extensions["migrate"].configure_args
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        transaction_per_migration=True,
        **{key: value for key, value in configure.items() if key not in ("compare_type",)},
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
