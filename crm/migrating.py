"""Alembic and the app, brought together where somebody migrates: reading Alembic in is a seventh of what the start of a
process costs, and no program that serves or works needs it.

`flask --app crm.migrating db …` is the command line of whoever writes migrations.
"""

from pathlib import Path

import flask_migrate
from flask import Flask, current_app

import crm
from crm.config import Settings
from crm.infra.db import db

_MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
_extension = flask_migrate.Migrate(directory=str(_MIGRATIONS))


def create_app() -> Flask:
    """Found by `flask --app`; settings are those of the environment."""
    return with_migrations(crm.create_app(Settings.from_env()))


def with_migrations(app: Flask) -> Flask:
    _extension.init_app(app, db)
    return app


def upgrade(revision: str = "head") -> None:
    """Bring the current app's database to this revision, one transaction for each migration."""
    with_migrations(current_app._get_current_object())  # type: ignore[attr-defined]
    flask_migrate.upgrade(revision=revision)
