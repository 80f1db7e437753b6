"""Which migrations there are and which the database has, without reading Alembic in."""

import re
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).resolve().parents[2] / "migrations" / "versions"
_NUMBER = re.compile(r'^revision = "(\w+)"', re.MULTILINE)


def known() -> dict[str, str]:
    """What each migration is for (its first line), by number, in order."""
    found = {}
    for path in _FOLDER.glob("*.py"):
        words = path.read_text("utf-8")
        if number := _NUMBER.search(words):
            found[number[1]] = words.lstrip('"').partition("\n")[0].strip('". ')
    return dict(sorted(found.items()))


@cache
def head() -> str:
    """The last that this program knows."""
    return list(known())[-1]


def current(connection: Any) -> str:
    """The last migration the database has; "" where it has none. `connection` is psycopg's."""
    if connection.execute("SELECT to_regclass('alembic_version')").fetchone()[0] is None:
        return ""
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else ""


def waiting(current_: str) -> dict[str, str]:
    """Those that the database does not have yet."""
    return {number: words for number, words in known().items() if number > current_}
