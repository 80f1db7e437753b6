"""A spreadsheet becoming customers: from the upload through the wizard's own pages to the last row, by real workers."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from bench import scale
from bench.database import ADMINISTRATOR, PASSWORD, Database, copied, filled, say, scratch, sizes
from bench.result import Measured
from bench.server import Process, Server, below, memory_kb, processes, running
from bench.wizard import Wizard
from crm.demo.spreadsheets import COLUMNS, rows, write_csv, write_xlsx

# Customers that are there before, as in a system in use.
STORED = 20_000
_WRITE: dict[str, Callable[..., None]] = {"csv": write_csv, "xlsx": write_xlsx}
LONGEST = 3600.0


@dataclass
class Done:
    """Seconds of each phase in order, and the import's own counters."""

    phases: dict[str, float]
    counters: dict[str, int]
    file_mb: float

    @property
    def seconds(self) -> float:
        return sum(self.phases.values())


def rows_per_second() -> Measured:
    """Value: rows of a CSV file a second, from the first byte uploaded to the import done."""
    count, detail = scale.IMPORT_ROWS, {}
    for kind in _WRITE:
        with _site() as (database, server):
            done = _imported(database, server, kind, count)
            copy = _copied_per_second(database)
        rate = count / done.seconds
        detail[kind] = {
            "rows_per_second": rate,
            "seconds": done.seconds,
            "phases": done.phases,
            "file_mb": done.file_mb,
            "counters": done.counters,
            "raw_copy_rows_per_second": copy,
            "ratio_to_raw_copy": rate / copy,
        }
    value = detail["csv"]["rows_per_second"]
    return Measured("import_rows_per_second", value, "rows/s", count, detail | {"stored_before": STORED})


def ratio_to_copy() -> Measured:
    """Value: rows of a CSV file a second as a share of what one COPY of the same rows takes, ready made, into the same
    table on the same machine a moment later."""
    count = scale.IMPORT_ROWS
    with _site() as (database, server):
        done = _imported(database, server, "csv", count)
        copy = _copied_per_second(database)
    rate = count / done.seconds
    detail = {"rows_per_second": rate, "raw_copy_rows_per_second": copy, "phases": done.phases}
    return Measured("import_ratio_to_copy", rate / copy, "share", count, detail)


def peak_rss_mb() -> Measured:
    """Value: most resident memory at one moment of a worker, its job and the reader that starts, in megabytes."""
    count = scale.MEMORY_ROWS
    with _site() as (database, server), _watched(server) as watch:
        done = _imported(database, server, "csv", count)
        size = sizes(database)
    if not watch.worker:
        raise RuntimeError("How much memory processes take is read from /proc, which this machine has not.")
    detail = {
        "all_workers_mb": watch.everything / 1024,
        "all_workers_shared_pages_once_mb": watch.proportional / 1024,
        "alone_mb": {sort: peak / 1024 for sort, peak in sorted(watch.each.items())},
        "seconds": done.seconds,
        "rows_per_second": count / done.seconds,
        "phases": done.phases,
        "counters": done.counters,
        "file_mb": done.file_mb,
        "data": size,
    }
    return Measured("import_peak_rss_mb", watch.worker / 1024, "MB", count, detail)


@contextmanager
def _site() -> Iterator[tuple[Database, Server]]:
    with filled(STORED) as prepared, copied(prepared) as database, running(database) as server:
        yield database, server


def _imported(database: Database, server: Server, kind: str, count: int) -> Done:
    """Walk through the wizard as fast as its pages allow; every row must have become a customer."""
    with scratch() as folder, database.connect() as connection:
        path = folder / f"customers.{kind}"
        say(f"Writing {count:,} rows as {kind} …")
        _WRITE[kind](path, rows(scale.SEED + 2, count))
        wizard = Wizard(server.port, ADMINISTRATOR, PASSWORD)
        say(f"Importing {count:,} rows …")
        marks = [("upload", time.monotonic())]
        wizard.upload(path)
        for waits_for, step in (("mapping", wizard.map_columns), ("checked", wizard.start), ("done", None)):
            marks.append((_LABELS[waits_for], time.monotonic()))
            until(connection, waits_for)
            if step:
                marks.append((f"page after {_LABELS[waits_for]}", time.monotonic()))
                step()
        marks.append(("", time.monotonic()))
        counters = _counters(connection)
        file_mb = path.stat().st_size / 2**20
    if counters["created"] != count:
        raise RuntimeError(f"Of {count} rows only some became customers: {counters}")
    phases = {label: after - begun for (label, begun), (_, after) in pairwise(marks)}
    return Done(phases, counters, file_mb)


_LABELS = {"mapping": "look at the file", "checked": "check", "done": "run"}


def imported_until(database: Database, server: Server, wizard: Wizard, path: Path) -> None:
    """Take a file through the wizard to its end."""
    with database.connect() as connection:
        wizard.upload(path)
        for waits_for, step in (("mapping", wizard.map_columns), ("checked", wizard.start), ("done", None)):
            until(connection, waits_for)
            if step:
                step()


def until(connection: Any, state: str) -> None:
    end = time.monotonic() + LONGEST
    while time.monotonic() < end:
        now, problem = connection.execute("SELECT state, problem FROM imports ORDER BY id DESC LIMIT 1").fetchone()
        if now == state:
            return
        if now in ("failed", "cancelled"):
            raise RuntimeError(f"The import ended as {now}: {problem}")
        time.sleep(0.02)
    raise RuntimeError(f"The import was not {state} within an hour.")


def _counters(connection: Any) -> dict[str, int]:
    names = (
        "rows",
        "valid",
        "invalid",
        "duplicate_file",
        "duplicate_stored",
        "created",
        "updated",
        "skipped",
        "failed",
    )
    found = connection.execute(f"SELECT {', '.join(names)} FROM imports ORDER BY id DESC LIMIT 1").fetchone()
    return dict(zip(names, found, strict=True))


def _copied_per_second(database: Database) -> float:
    """The same rows, ready made, by one COPY into the same table with its indexes and constraints."""
    where = "SELECT * FROM customers WHERE import_id IS NOT NULL"
    with database.connect() as connection:
        columns = [row[0] for row in connection.execute(_COLUMNS_OF).fetchall()]
        listed = ", ".join(f'"{each}"' for each in columns)
        cursor = connection.cursor()
        with cursor.copy(f"COPY ({where.replace('*', listed)}) TO STDOUT") as out:
            blob = b"".join(bytes(part) for part in out)
        count = connection.execute("DELETE FROM customers WHERE import_id IS NOT NULL").rowcount
        connection.execute("VACUUM (ANALYZE) customers")
        begun = time.monotonic()
        with cursor.copy(f"COPY customers ({listed}) FROM STDIN") as into:
            into.write(blob)
        return float(count / (time.monotonic() - begun))


_COLUMNS_OF = (
    "SELECT attname FROM pg_attribute WHERE attrelid = 'customers'::regclass AND attnum > 0 AND NOT attisdropped"
)


@dataclass
class _Watch:
    """Peaks in kilobytes: one worker with its job and reader, all workers, and each sort of process by itself."""

    worker: int = 0
    everything: int = 0
    proportional: int = 0
    each: dict[str, int] = field(default_factory=dict)

    def look(self, server: Server) -> None:
        known = processes()
        workers = [each for each in below(server.pid, known) if _is_worker(each)]
        roots = [each for each in workers if each.parent not in {other.pid for other in workers}]
        trees = [{each.pid: memory_kb(each.pid) for each in below(root.pid, known)} for root in roots]
        resident = [sum(each.get("VmRSS", 0) for each in tree.values()) for tree in trees]
        self.worker = max(self.worker, *resident, 0)
        self.everything = max(self.everything, sum(resident))
        shared = sum(each.get("Pss", 0) for tree in trees for each in tree.values())
        self.proportional = max(self.proportional, shared)
        for root, tree in zip(roots, trees, strict=True):
            for pid, each in tree.items():
                sort = "worker" if pid == root.pid else "job" if _is_worker(known[pid]) else "reader"
                self.each[sort] = max(self.each.get(sort, 0), each.get("VmHWM", 0))


def _is_worker(process: Process) -> bool:
    return "-m crm worker" in process.command


@contextmanager
def _watched(server: Server) -> Iterator[_Watch]:
    watch, ended = _Watch(), threading.Event()

    def look() -> None:
        while not ended.wait(0.05):
            watch.look(server)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        ended.set()
        thread.join()


assert len(COLUMNS) == 12, "the published figures are of 12 columns"
