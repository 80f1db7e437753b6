"""A prefix, yyyymmdd and four digits (more after 9999): unique without a lock, not free of gaps.

One sequence for each type counts for ever; the first record of a day notes where it stood, and the day's numbers count
from there. A hundred creators at once never wait for each other.
"""

import datetime as dt

from sqlalchemy import Connection, Sequence, text

from crm.infra.db import Base

_OPEN_DAY = text("""
    INSERT INTO number_days (record_type, day, base) SELECT :type, :day, nextval(CAST(:sequence AS regclass))
    WHERE NOT EXISTS (SELECT FROM number_days WHERE record_type = :type AND day = :day)
    ON CONFLICT DO NOTHING""")
# The base is read before the sequence is drawn from, so every number drawn is above it.
_BASE = text("SELECT base FROM number_days WHERE record_type = :type AND day = :day")
_DRAW = text("SELECT array_agg(nextval(CAST(:sequence AS regclass))) FROM generate_series(1, :count)")


def sequence(type_: str) -> Sequence:
    """What a type's numbers are drawn from; declared beside its table."""
    return Sequence(f"{type_}_numbers", metadata=Base.metadata)


class Numbers:
    def __init__(self, type_: str, prefix: str, drawn_from: Sequence) -> None:
        self.prefix = prefix
        self.where = {"type": type_, "sequence": drawn_from.name}

    def take(self, connection: Connection, day: dt.date, count: int) -> list[str]:
        today = {"type": self.where["type"], "day": day}
        base = connection.scalar(_BASE, today)
        if base is None:
            connection.execute(_OPEN_DAY, today | self.where)
            base = connection.scalar(_BASE, today)
        drawn = connection.scalar(_DRAW, {"sequence": self.where["sequence"], "count": count}) or ()
        common = f"{self.prefix}{day:%Y%m%d}"
        return [f"{common}{number - base:04d}" for number in drawn]
