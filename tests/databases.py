"""Databases of their own, for tests that commit, kill or break things."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def migrated_database(settings: Settings, name: str) -> Iterator[Settings]:
    """The same with every table, as the migrations make them."""
    with empty_database(settings, name, like=MIGRATED) as own:
        shaped_apart(own)
        yield own


_VERSIONS = itertools.count(1_000_000_000, 1_000_000)


def long_ids(settings: Settings) -> None:
    """No id from here on has fewer than six digits: the last four of a secret phone cannot come by chance."""
    engine = create_engine(settings.database_owner_url)
    with engine.begin() as connection:
        names = connection.scalars(text("SELECT sequencename FROM pg_sequences WHERE coalesce(last_value, 0) < 100000"))
        for name in names.all():
            if name.endswith("_id_seq"):
                connection.execute(text("SELECT setval(:name, 100000)"), {"name": name})
    engine.dispose()


def shaped_apart(settings: Settings) -> None:
    """Give the database versions of the shape that no other one of this process has: what a process keeps under a
    version is of one database, and a program never has two."""
    engine = create_engine(settings.database_owner_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE shape SET version = :next"), {"next": (following := next(_VERSIONS))})
        connection.execute(text("SELECT setval('shape_versions', :next)"), {"next": following})
    engine.dispose()
