"""Databases of their own, for tests that commit, kill or break things."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from crm.config import Settings
from crm.infra.embedded import postgres
from tests.template import MIGRATED


@contextmanager
def empty_database(settings: Settings, name: str, *, like: str = "template1") -> Iterator[Settings]:
    """Settings with a new database on the same server, owned as on every server of ours."""
    server = make_url(settings.database_owner_url).set(username="postgres", database="postgres")
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name} OWNER {postgres.OWNER} TEMPLATE {like}"))
    program, owner = (url.replace("/crm?", f"/{name}?") for url in (settings.database_url, settings.database_owner_url))
    yield replace(settings, database_url=program, database_owner_url=owner)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


def migrated_database(settings: Settings, name: str) -> AbstractContextManager[Settings]:
    """The same with every table, as the migrations make them."""
    return empty_database(settings, name, like=MIGRATED)
