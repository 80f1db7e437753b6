"""How long pages and jobs took, what went wrong, how large the database is."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, text

from crm.domain.system.models import EVER, SystemError, SystemHour
from crm.infra import clock
from crm.infra.db import db
from crm.infra.numbers import BOUNDS

DAY = dt.timedelta(days=1)
_MOST = 20
BUCKETS = ", ".join(f"sum(buckets[{n}])" for n in range(1, len(BOUNDS) + 2))
_SLOW = text(f"""
    SELECT name, method, sum(count)::bigint AS times, ARRAY[{BUCKETS}]::bigint[] AS buckets, max(slowest) AS slowest,
           (array_agg(slowest_id ORDER BY slowest DESC))[1] AS slowest_id
    FROM system_hours WHERE what = 'request' AND hour > :since AND hour > :ever GROUP BY name, method""")
_DATABASE = text("""
    SELECT pg_database_size(current_database()) AS bytes, current_setting('server_version') AS version,
           current_setting('max_connections')::int AS most,
           count(*) AS connections, coalesce(max(extract(epoch FROM now() - xact_start)), 0) AS longest
    FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()""")
_TABLES = text("""
    SELECT relname AS name, pg_total_relation_size(oid) AS bytes, greatest(reltuples, 0)::bigint AS rows
    FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    ORDER BY pg_total_relation_size(oid) DESC LIMIT 8""")


@dataclass(frozen=True)
class Pace:
    """Of one route in a day; times in seconds."""

    route: str
    method: str
    count: int
    half: float  # took at most so long
    most: float  # 95 of 100 did
    slowest: float
    slowest_id: str


def slow_pages() -> list[Pace]:
    """The slowest first, by what 95 of 100 took at most."""
    rows = db.session.execute(_SLOW, {"since": clock.now() - DAY, "ever": EVER})
    paces = [
        Pace(
            row.name,
            row.method,
            row.times,
            share(row.buckets, 0.5, row.slowest),
            share(row.buckets, 0.95, row.slowest),
            row.slowest,
            row.slowest_id,
        )
        for row in rows
    ]
    return sorted(paces, key=lambda each: -each.most)[:_MOST]


def share(buckets: Sequence[int], part: float, slowest: float) -> float:
    """Within which time this part of all was done: between two bounds as if they were spread evenly there."""
    wanted, before = part * sum(buckets), 0
    for at, count in enumerate(buckets):
        if count and before + count >= wanted:
            low = BOUNDS[at - 1] if at else 0.0
            high = min(BOUNDS[at] if at < len(BOUNDS) else slowest, max(slowest, low))
            return low + (high - low) * (wanted - before) / count
        before += count
    return 0.0


def totals() -> Sequence[SystemHour]:
    """All that was counted since the beginning."""
    return db.session.scalars(
        select(SystemHour).where(SystemHour.hour == EVER).order_by(SystemHour.what, SystemHour.name, SystemHour.method)
    ).all()


def errors() -> Sequence[SystemError]:
    """The newest first, of a week."""
    lately = select(SystemError).where(SystemError.last_at > clock.now() - 7 * DAY)
    return db.session.scalars(lately.order_by(SystemError.last_at.desc()).limit(_MOST)).all()


def database() -> Any:
    """bytes, version, connections of most, longest transaction in seconds."""
    return db.session.execute(_DATABASE).one()


def largest_tables() -> Sequence[Any]:
    """name, bytes with indexes, about how many rows."""
    return db.session.execute(_TABLES).all()
