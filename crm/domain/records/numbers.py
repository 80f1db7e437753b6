"""A prefix, yyyymmdd and four digits (more after 9999): unique without a lock, not free of gaps.

One sequence for each type counts for ever; the first record of a day notes where it stood, and the day's numbers count
from there. A hundred creators at once never wait for each other.
"""

import datetime as dt

from sqlalchemy import Connection, Sequence

from crm.infra.db import Base

_OPEN_DAY = """
    INSERT INTO number_days (record_type, day, base)
    SELECT %(type)s, %(day)s, nextval(CAST(%(sequence)s AS regclass))
    WHERE NOT EXISTS (SELECT FROM number_days WHERE record_type = %(type)s AND day = %(day)s)
    ON CONFLICT DO NOTHING"""
# A base that this statement sees was drawn before it began, so every number it draws is above.
_DRAW = """
    SELECT array_agg(nextval(CAST(%(sequence)s AS regclass)) - base) FROM number_days, generate_series(1, %(count)s)
    WHERE record_type = %(type)s AND day = %(day)s"""


def sequence(type_: str) -> Sequence:
    """What a type's numbers are drawn from; declared beside its table."""
    return Sequence(f"{type_}_numbers", metadata=Base.metadata)


class Numbers:
    def __init__(self, type_: str, prefix: str, drawn_from: Sequence) -> None:
        self.prefix = prefix
        self.where = {"type": type_, "sequence": drawn_from.name}

    def take(self, connection: Connection, day: dt.date, count: int) -> list[str]:
        if not count:
            return []
        asked = {"day": day, "count": count, **self.where}
        drawn = connection.exec_driver_sql(_DRAW, asked).scalar()
        if drawn is None:
            connection.exec_driver_sql(_OPEN_DAY, asked)
            drawn = connection.exec_driver_sql(_DRAW, asked).scalar()
        common = f"{self.prefix}{day:%Y%m%d}"
        return [f"{common}{number:04d}" for number in drawn or ()]
