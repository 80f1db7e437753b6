"""CUST + yyyymmdd + four digits (more after 9999): unique without a lock, not free of gaps.

One sequence counts for ever; the first customer of a day notes where it stood, and the
day's numbers count from there. A hundred creators at once never wait for each other.
"""

import datetime as dt

from sqlalchemy import Connection, text

_OPEN_DAY = text("""
    INSERT INTO customer_number_days (day, base) SELECT :day, nextval('customer_numbers')
    WHERE NOT EXISTS (SELECT FROM customer_number_days WHERE day = :day)
    ON CONFLICT DO NOTHING""")
# The base is read before the sequence is drawn from, so every number drawn is above it.
_BASE = text("SELECT base FROM customer_number_days WHERE day = :day")
_DRAW = text("SELECT array_agg(nextval('customer_numbers')) FROM generate_series(1, :count)")


def take(connection: Connection, day: dt.date, count: int) -> list[str]:
    base = connection.scalar(_BASE, {"day": day})
    if base is None:
        connection.execute(_OPEN_DAY, {"day": day})
        base = connection.scalar(_BASE, {"day": day})
    drawn, common = connection.scalar(_DRAW, {"count": count}) or (), f"CUST{day:%Y%m%d}"
    return [f"{common}{number - base:04d}" for number in drawn]
