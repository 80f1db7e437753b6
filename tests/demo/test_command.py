"""`crm demo` as a person runs it, in a database of its own."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from crm.config import Settings
from crm.domain.people.passwords import verify
from tests.databases import empty_database

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def private(settings: Settings) -> Iterator[Settings]:
    with empty_database(settings, "crm_demo") as own:
        yield own


def demo(settings: Settings) -> "subprocess.CompletedProcess[str]":
    own = {
        "DATABASE_URL": settings.database_url,
        "DATABASE_OWNER_URL": settings.database_owner_url,
        "REDIS_URL": settings.redis_url,
        "CRM_INSTANCE": str(settings.instance),
    }
    command = [sys.executable, "-m", "crm", "demo", "--customers", "30", "--seed", "2"]
    return subprocess.run(command, cwd=PROJECT, env=os.environ | own, capture_output=True, text=True, check=False)


def test_it_fills_an_empty_database_once_and_prints_who_can_sign_in(private):
    address = private.database_url.replace("+psycopg", "")
    first = demo(private)
    assert first.returncode == 0, first.stderr
    password = re.search(r"the password (\S+)", first.stdout)[1]
    assert "30 customers" in first.stdout and "王建国" in first.stdout
    with psycopg.connect(address) as connection:
        hashes = connection.execute("SELECT password_hash FROM people").fetchall()
        before = connection.execute("SELECT count(*), max(id) FROM customers").fetchone()
    assert before[0] >= 30  # and what leads became
    assert all(verify(each, password) for (each,) in hashes)

    second = demo(private)
    assert second.returncode == 1
    assert "only fills an empty one" in second.stderr and "Traceback" not in second.stderr
    with psycopg.connect(address) as connection:
        assert connection.execute("SELECT count(*), max(id) FROM customers").fetchone() == before
