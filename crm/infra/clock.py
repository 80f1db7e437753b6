"""The one clock: nothing else in the product asks the machine what time it is (a test says so).

So moments are in UTC everywhere, and a test can hold the time still.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

# A plain global and not a context variable: a test that holds the time must hold it for the server's threads too.
_held: list[datetime] = []


def now() -> datetime:
    """This moment, aware, in UTC."""
    return _held[-1] if _held else datetime.now(UTC)


def today(timezone: str) -> date:
    """The day it is now in a time zone such as "Asia/Shanghai" (`settings.timezone` is the company's)."""
    return now().astimezone(ZoneInfo(timezone)).date()


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Hold the time at an aware moment; may be nested. For tests. A naive moment is a ValueError."""
    if at.utcoffset() is None:
        raise ValueError("A moment without a time zone is not a moment.")
    _held.append(at.astimezone(UTC))
    try:
        yield
    finally:
        _held.pop()
