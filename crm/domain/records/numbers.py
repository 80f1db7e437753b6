"""A prefix, yyyymmdd and four digits (more after 9999): unique without a lock, not free of gaps.

One sequence for each type counts for ever; the first record of a day notes where it stood, and the day's numbers count
from there. A hundred creators at once never wait for each other.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count, islice

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


_provisional: ContextVar[Iterator[str] | None] = ContextVar("provisional", default=None)


@contextmanager
def without_numbers(mark: str) -> Iterator[None]:
    """What is made in the block is not kept: its numbers are none, so that those that follow leave no gap. `mark` tells
    them from those of another such block at the same time."""
    token = _provisional.set(f"~{mark}~{number}" for number in count(1))
    try:
        yield
    finally:
        _provisional.reset(token)


class Numbers:
    def __init__(self, type_: str, prefix: str, drawn_from: Sequence) -> None:
        self.prefix = prefix
        self.where = {"type": type_, "sequence": drawn_from.name}

    def take(self, connection: Connection, day: dt.date, amount: int) -> list[str]:
        if not amount:
            return []
        if (provisional := _provisional.get()) is not None:
            return [f"{self.prefix}{number}" for number in islice(provisional, amount)]
        asked = {"day": day, "count": amount, **self.where}
        drawn = connection.exec_driver_sql(_DRAW, asked).scalar()
        if drawn is None:
            connection.exec_driver_sql(_OPEN_DAY, asked)
            drawn = connection.exec_driver_sql(_DRAW, asked).scalar()
        common = f"{self.prefix}{day:%Y%m%d}"
        return [f"{common}{number:04d}" for number in drawn or ()]
