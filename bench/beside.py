"""What others feel of an import: pages of a rep who works on while a worker brings a file in."""

import threading
import time
from collections.abc import Callable
from itertools import cycle

from bench import questions, scale
from bench.database import ADMINISTRATOR, PASSWORD, copied, filled, rep, scratch
from bench.imports import STORED, imported_until
from bench.result import Measured, spread
from bench.server import running
from bench.wizard import Wizard
from crm.demo.spreadsheets import rows, write_csv

_IDLE = 200  # pages looked at before
_PAUSE = 0.05  # seconds a rep looks at one


def page_p95_during_import_ratio() -> Measured:
    """Value: the p95 of list, search and record pages while 100,000 rows are checked and imported, as a multiple of the
    p95 without; by the same person in the same run."""
    count = scale.IMPORT_ROWS
    with filled(STORED) as prepared, copied(prepared) as database, running(database) as server, scratch() as folder:
        path = folder / "customers.csv"
        write_csv(path, rows(scale.SEED + 2, count))
        reader = Wizard(server.port, rep(1), PASSWORD)
        with database.connect() as connection:
            ids = connection.execute(_OWN, (rep(1),)).fetchall()
        lists = [questions.address(each) for each in questions.lists().values()]
        searches = [questions.address({"q": some[0]}) for some in questions.searches(1).values()]
        asked = cycle([*lists, *searches, *(f"/customers/{row[0]}" for row in ids)])
        look = _looking(reader, asked.__next__)
        for _ in range(20):
            look()
        idle = [look() for _ in range(_IDLE)]
        busy: list[float] = []
        over = threading.Event()

        def bring() -> None:
            try:
                imported_until(database, server, Wizard(server.port, ADMINISTRATOR, PASSWORD), path)
            finally:
                over.set()

        bringing = threading.Thread(target=bring)
        bringing.start()
        while not over.is_set():
            busy.append(look())
        bringing.join()
    alone, beside = spread(idle), spread(busy)
    detail = {"idle_ms": alone, "during_import_ms": beside, "stored_before": STORED}
    return Measured("page_p95_during_import_ratio", beside["p95"] / alone["p95"], "ratio", len(busy), detail)


def _looking(reader: Wizard, following: Callable[[], str]) -> Callable[[], float]:
    def look() -> float:
        time.sleep(_PAUSE)
        begun = time.perf_counter()
        reader.read(following())
        return (time.perf_counter() - begun) * 1000

    return look


_OWN = """
    SELECT customers.id FROM customers JOIN people ON people.id = customers.owner_id
    WHERE people.email = %s AND customers.deleted_at IS NULL ORDER BY customers.id LIMIT 20"""
