"""Real PostgreSQL and Redis, migrated for real once a run, and each test inside a transaction that is rolled back."""

import contextvars
import gc
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pytest_socket import socket_allow_hosts

from crm import create_app
from crm.config import Settings
from crm.infra import embedded
from crm.infra.db import db
from crm.web.throttle import limiter
from tests import template
from tests.cast import Cast, make_cast

SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # the one process there is always one of
        template.begin()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        template.end()


def pytest_collection_finish() -> None:
    """The collected tests and all that was imported live to the end: the collector need not look at them again."""
    gc.collect()
    gc.freeze()


def pytest_runtest_setup() -> None:
    socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real input made by others, which only the workshop has; tests that need it are skipped by name elsewhere."""
    if not (SHARED / "data").is_dir():
        pytest.skip("needs the shared data")
    return SHARED / "data"


@pytest.fixture(scope="session")
def settings() -> Iterator[Settings]:
    """Servers of our own for this test process, without the waits that only a power cut justifies."""
    with tempfile.TemporaryDirectory(prefix="crm-") as folder:
        os.chmod(folder, 0o755)  # the account PostgreSQL runs as must get through
        plain = Settings(instance=Path(folder), testing=True, secret_key="t" * 40, timezone="Asia/Shanghai")
        template.lay_ready(plain.instance)
        servers = embedded.start(plain, tuning=embedded.FAST)
        yield servers.applied(plain)
        servers.stop()


@pytest.fixture(scope="session")
def migrated(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    app.test_client_class = FreshClient
    with app.app_context():
        yield app
        db.engine.dispose()


@pytest.fixture(scope="session")
def counting(migrated: Flask) -> dict[str, Any]:
    """The limiter of the process as this app has set it up. Whatever app another test makes takes it away."""
    return dict(vars(limiter))


@pytest.fixture
def app(migrated: Flask, counting: dict[str, Any]) -> Iterator[Flask]:
    """The app inside one transaction that is rolled back, even if the code commits."""
    vars(limiter).update(counting)
    connection = db.engine.connect()
    transaction = connection.begin()
    db.session.remove()
    db.session.configure(bind=connection, join_transaction_mode="create_savepoint")
    yield migrated
    db.session.remove()
    db.session.configure(bind=None)
    transaction.rollback()
    connection.close()


@pytest.fixture
def session(app: Flask):
    return db.session


@pytest.fixture
def cast(app: Flask) -> Cast:
    return make_cast()


class FreshClient(FlaskClient):
    """Each request starts from nothing, as in a server: no app context, no `g`, no session of the test's."""

    def open(self, *args, **kwargs):
        db.session.commit()
        answer = contextvars.Context().run(super().open, *args, **kwargs)
        db.session.expire_all()
        return answer


@pytest.fixture
def client(app: Flask):
    return app.test_client()
