"""Rows of a file that are only like a customer: how soon they are found among a million."""

import time
from collections.abc import Iterator
from random import Random
from typing import Any

from bench import scale
from bench.database import ADMINISTRATOR, PASSWORD, copied, filled, scratch, sizes
from bench.imports import LONGEST, until
from bench.result import Measured
from bench.server import running
from bench.spoiling import SPOILT
from bench.wizard import Wizard
from crm.demo.spreadsheets import rows, write_csv

_ROWS, _KNOWN = scale.IMPORT_ROWS, 10  # of so many rows one is like a customer


def import_compare_rows_per_second() -> Measured:
    """Value: rows a second that are compared with all customers and with each other, from the press of the button on.
    `found` is the share of the planted ones that are found."""
    with (
        filled() as prepared,
        copied(prepared) as database,
        running(database) as server,
        scratch() as folder,
        database.connect() as connection,
    ):
        names = connection.execute(_NAMES, (_ROWS // _KNOWN,)).fetchall()
        path, wizard = folder / "customers.csv", Wizard(server.port, ADMINISTRATOR, PASSWORD)
        write_csv(path, _planted([name for (name,) in names]))
        wizard.upload(path)
        until(connection, "mapping")
        wizard.map_columns()
        until(connection, "checked")
        begun = time.monotonic()
        wizard.submit(f"{wizard.address}/check", "/comparison", {})
        while connection.execute("SELECT compared_at FROM imports ORDER BY id DESC LIMIT 1").fetchone()[0] is None:
            if time.monotonic() - begun > LONGEST:
                raise RuntimeError("The rows were not compared within an hour.")
            time.sleep(0.05)
        seconds = time.monotonic() - begun
        found = connection.execute(_FOUND, (_KNOWN,)).fetchone()[0] / len(names)
        return Measured(
            "import_compare_rows_per_second",
            _ROWS / seconds,
            "rows/s",
            _ROWS,
            {"seconds": seconds, "found": found, "data": sizes(database)},
        )


def _planted(names: list[str]) -> Iterator[list[Any]]:
    dice, ways = Random(scale.SEED), list(SPOILT.values())
    for at, row in enumerate(rows(scale.SEED + 3, _ROWS)):
        if at % _KNOWN == 0:
            row[0] = ways[at // _KNOWN % len(ways)](names[at // _KNOWN], dice)
        yield row


# Lines begin at 2, under the headings.
_NAMES = "SELECT name FROM customers TABLESAMPLE SYSTEM (5) REPEATABLE (7) WHERE deleted_at IS NULL LIMIT %s"
_FOUND = """
    SELECT count(*) FROM import_rows WHERE import_id = (SELECT max(id) FROM imports) AND (line - 2) %% %s = 0
    AND (likeness IS NOT NULL OR duplicate_id IS NOT NULL)"""
