"""What the program costs while nobody does anything."""

import time

from bench.database import copied, filled, sizes
from bench.result import Measured
from bench.server import below, processes, running

STORED, _SETTLE, _WATCHED = 20_000, 20.0, 60.0


def idle_cpu_share() -> Measured:
    """Value: of one core, what all processes together take (web, workers, scheduler, PostgreSQL, Redis)."""
    with filled(STORED) as prepared, copied(prepared) as database, running(database) as server:
        time.sleep(_SETTLE)
        before, began = _spent(server.pid, database.pid), time.monotonic()
        time.sleep(_WATCHED)
        after, seconds = _spent(server.pid, database.pid), time.monotonic() - began
        detail = {"seconds": seconds, "by": {name: (after[name] - before[name]) / seconds for name in after}}
        return Measured("idle_cpu_share", sum(detail["by"].values()), "share", 1, detail | {"data": sizes(database)})


def _spent(program: int, database: int) -> dict[str, float]:
    known = processes()
    return {
        name: sum(each.cpu + each.ended for each in below(pid, known))
        for name, pid in (("program", program), ("database", database))
    }
