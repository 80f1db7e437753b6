"""A hundred sessions entering customers through the real form at once: without pause, and as people do."""

import json
import subprocess
import sys
from dataclasses import asdict, replace
from typing import Any

from bench import scale
from bench.database import PASSWORD, PROJECT, copied, filled, rep, sizes
from bench.load import Plan
from bench.result import Measured, spread
from bench.server import HOST, below, processes, running
from crm.demo.customers import Sketch, customers
from crm.demo.dice import dice
from crm.demo.names import chinese_company
from crm.domain.reference.queries import industry_label, region_label

_WARM_SECONDS = 8.0
_TYPED = 8_000
_UNPAUSED, _PAUSE = (0.0, 0.0), (5.0, 10.0)


def closed_per_s() -> Measured:
    """Value: customers saved a second by sessions that never pause."""
    noted, detail = _measured(scale.SECONDS, _UNPAUSED)
    rate = noted["finished"] / scale.SECONDS
    return Measured(f"create_{scale.SESSIONS}_closed_per_s", rate, "1/s", noted["finished"], detail)


def paced_p99_ms() -> Measured:
    """Value: p99 of the time from Save to the record's page, with 5 to 10 seconds between two saves."""
    noted, detail = _measured(2 * scale.SECONDS, _PAUSE)
    value = detail["save"]["p99"]
    return Measured(f"create_{scale.SESSIONS}_paced_p99_ms", value, "ms", len(noted["saves"]), detail)


def _measured(seconds: float, pause: tuple[float, float]) -> tuple[dict[str, Any], dict[str, Any]]:
    with filled() as prepared, copied(prepared) as database, running(database) as server:
        size = sizes(database)
        plan = Plan(
            host=HOST,
            port=server.port,
            accounts=[rep(number) for number in range(1, scale.SESSIONS + 1)],
            password=PASSWORD,
            seconds=seconds,
            warm_seconds=max(_WARM_SECONDS, pause[1]),
            pause=pause,
            forms=[_typed(_new(each)) for each in customers(scale.SEED + 1, _TYPED, scale.CUSTOMERS)],
        )
        before = _cpu(server.pid), _cpu(database.pid)
        noted = _loaded(plan)
        ours, its = _cpu(server.pid) - before[0], _cpu(database.pid) - before[1]
        made = _count(database) - int(str(size["customers"]))
    if not noted["saves"]:
        raise RuntimeError(f"Nothing could be saved: {noted['errors']}")
    detail = {
        "errors": sum(noted["errors"].values()),
        "what_errors": noted["errors"],
        "asked_about_duplicates": noted["asked"],
        "save": spread(noted["saves"]),  # POST until the record's page
        "post": spread(noted["posts"]),
        "form": spread(noted["opened"]),
        "customers_made": made,
        "cpu_ms_per_save": {
            "web and workers": 1000 * ours / max(1, made),
            "database": 1000 * its / max(1, made),
            "load generator": 1000 * noted["cpu_seconds"] / max(1, made),
        },
        "data": size,
    }
    return noted, detail


def _loaded(plan: Plan) -> dict[str, Any]:
    """What the sessions noted, in a process of their own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        cwd=PROJECT,
        input=json.dumps(asdict(plan)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return dict(json.loads(done.stdout))


def _cpu(pid: int) -> float:
    """Seconds of a process and everything below it."""
    return sum(each.cpu for each in below(pid, processes()))


def _count(database: Any) -> int:
    with database.connect() as connection:
        return int(connection.execute("SELECT count(*) FROM customers").fetchone()[0])


def _new(sketch: Sketch) -> Sketch:
    """Called like nobody who is there: the names of the million are made of few brands, and whoever saves one of them
    again is asked whether it is the same, which is another story."""
    rng = dice(scale.SEED, "new", sketch.index)
    brand = "".join(chr(rng.randrange(0x4E00, 0x9FA5)) for _ in "12")
    if sketch.texts["name"].isascii():
        name = " ".join("".join(rng.choice("bcdfghklmnprstvz") + rng.choice("aeiou") for _ in "123") for _ in "12")
    elif sketch.texts["type"] == "company":
        name = chinese_company(rng, sketch.place, sketch.trade, brand).name
    else:
        name = brand[0] + sketch.texts["name"][1:] + brand[1]
    phone = f"+86 139 {sketch.index % 100_000_000:08d}" if sketch.texts["phone"] else None
    return replace(sketch, texts={**sketch.texts, "name": name, "phone": phone})


def _typed(sketch: Sketch) -> dict[str, str]:
    """The texts of a form that somebody filled in."""
    texts = {key: value for key, value in sketch.texts.items() if value}
    typed = {key: ", ".join(value) if isinstance(value, list) else str(value) for key, value in texts.items()}
    if "industry" in texts:
        typed["industry"] = industry_label(texts["industry"])
    if "region" in texts:
        typed["region"] = region_label(texts["region"])
    return typed
