"""Runs the migrations inside the app: one transaction each, and never waiting long for a lock in use."""

from alembic import context
from flask import current_app
from sqlalchemy import create_engine, text

from crm.domain.audit import ownership
from crm.infra.db import db
from crm.infra.embedded import normalised

TIMEOUTS = "SET lock_timeout = '4s'; SET statement_timeout = '0'"
_LOCK = 727_001  # two starting machines migrate one after the other


def run() -> None:
    connection = context.config.attributes.get("connection")
    if connection is not None:
        _migrate(connection)
        return
    owner = normalised(current_app.config["SETTINGS"].database_owner_url)
    engine = create_engine(owner) if owner else db.engine
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        connection.execute(text(TIMEOUTS))
        connection.commit()
        _migrate(connection)
        ownership.settle(connection, db.engine.url if owner else None)
        connection.commit()
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
        connection.commit()
    if owner:
        engine.dispose()


def _migrate(connection) -> None:
    configure = current_app.extensions["migrate"].configure_args
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        transaction_per_migration=True,
        **{key: value for key, value in configure.items() if key not in ("compare_type",)},
        compare_type=True,
        include_name=lambda name, kind, _: kind != "table" or not (name or "").startswith("events_"),  # parts of events
    )
    with context.begin_transaction():
        context.run_migrations()


run()
