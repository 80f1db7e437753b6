"""How fast a list becomes a file, and how much memory it takes: as a worker writes it, in a process of its own."""

import json
import resource
import subprocess
import sys
import time
from typing import Any

from bench import scale
from bench.database import ADMINISTRATOR, PROJECT, Database, copied, filled, say, scratch, sizes
from bench.result import Measured
from crm import create_app
from crm.config import Settings
from crm.domain.exports.actions import Wish, ask
from crm.domain.exports.models import Export
from crm.domain.people.queries import by_email
from crm.infra.db import db
from crm.jobs.exports import write_waiting
from crm.kernel.asking import Query

# Of twelve kinds of cells: text, choices, references, a person, a phone, days and moments.
FIELDS = (
    *("name", "number", "type", "industry", "level", "source", "phone", "email", "region", "owner"),
    *("next_follow_up", "updated"),
)


def rows_per_second() -> Measured:
    """Value: customers written as CSV a second, from being taken up by a worker to the file being kept."""
    with filled() as prepared, copied(prepared) as database:
        detail: dict[str, Any] = {kind: _written(database, kind) for kind in ("csv", "xlsx", "jsonl")}
        detail |= {"columns": len(FIELDS), "data": sizes(database)}
    return Measured("export_rows_per_second", detail["csv"]["rows_per_second"], "rows/s", scale.CUSTOMERS, detail)


def _written(database: Database, kind: str) -> dict[str, float]:
    say(f"Exporting {scale.CUSTOMERS:,} customers as {kind} …")
    with scratch() as instance:
        done = subprocess.run(
            [sys.executable, "-m", "bench.exports", kind],
            cwd=PROJECT,
            env=database.environment(instance),
            stdout=subprocess.PIPE,
            check=True,
        )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main(kind: str) -> None:
    with create_app(Settings.from_env(), connections=4).app_context():
        person = by_email(ADMINISTRATOR)
        assert person is not None
        asked = ask(person.actor, Wish("customers", Query(), FIELDS, "labels", kind)).id
        db.session.commit()
        before, begun = _peak_mb(), time.monotonic()
        assert write_waiting() == 1
        seconds = time.monotonic() - begun
        export = db.session.get_one(Export, asked)
        assert export.problem is None and export.size is not None, export.problem
        said = {"rows": export.written, "seconds": seconds, "rows_per_second": export.written / seconds}
        print(json.dumps(said | {"file_mb": export.size / 2**20, "peak_rss_mb": _peak_mb(), "rss_before_mb": before}))


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(sys.argv[1])
