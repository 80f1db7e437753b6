"""PostgreSQL made and migrated once for the run: whoever needs a server of their own begins with a copy of its files.

Tests of how a server comes to be (`tests/infra/test_embedded.py`, `test_supervisor.py`) begin with nothing instead.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from crm.config import Settings
from crm.infra import embedded
from crm.infra.db import db, engine_options
from crm.infra.embedded import paths, postgres
from crm.infra.embedded.lock import locked
from crm.migrating import upgrade

MIGRATED = "crm_migrated"  # a database in every copy, to make others from: nobody is ever connected to it
_PLACE = "TESTS_TEMPLATE"  # environment: the run's folder, known to all its processes


def begin() -> None:
    """Called once for the run."""
    os.environ[_PLACE] = tempfile.mkdtemp(prefix="crm-template-")
    os.chmod(os.environ[_PLACE], 0o755)  # the account PostgreSQL runs as must get through


def end() -> None:
    shutil.rmtree(os.environ.pop(_PLACE, ""), ignore_errors=True)


def lay_ready(instance: Path) -> None:
    """Files for the instance's PostgreSQL, as if it had been migrated and stopped. Outside of a test run: nothing."""
    if _PLACE not in os.environ:
        return
    template = Settings(instance=Path(os.environ[_PLACE]) / "instance", secret_key="t" * 40)
    with locked(Path(os.environ[_PLACE]) / "lock"):
        if not _made(template).exists():
            _make(template)
    source = paths.place(template.instance).home / "postgres"
    subprocess.run(["cp", "-a", source, paths.place(instance).home / "postgres"], check=True)


def _made(template: Settings) -> Path:
    return template.instance / "made"


def _make(template: Settings) -> None:
    servers = embedded.start(template, only=["postgres"], tuning=embedded.FAST)
    try:
        _migrate(servers.applied(template))
    finally:
        servers.stop()
    _made(template).touch()


def _migrate(settings: Settings) -> None:
    """In an app that has only the database: whatever else a process has one of belongs to the tests."""
    app = Flask("tests.template")
    app.config["SETTINGS"] = settings
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(2)
    db.init_app(app)
    with app.app_context():
        upgrade()
        db.session.remove()
        db.engine.dispose()
    server = make_url(settings.database_owner_url).set(username="postgres", database="postgres")
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {MIGRATED} OWNER {postgres.OWNER} TEMPLATE {postgres.DATABASE}"))
    engine.dispose()
