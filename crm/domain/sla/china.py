"""Public holidays of China, and the weekends that are worked instead (调休), as the State Council announces them.

- 2025: 国务院办公厅关于2025年部分节假日安排的通知, of 12 November 2024.
- 2026: 国务院办公厅关于2026年部分节假日安排的通知, of 4 November 2025.

A year nobody has announced is not guessed: whoever administers pastes its notice in (`days.py` reads it).
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from crm.kernel.text import N_

NEW_YEAR = N_("New Year")
SPRING = N_("Spring Festival")
QINGMING = N_("Qingming Festival")
LABOUR = N_("Labour Day")
DRAGON_BOAT = N_("Dragon Boat Festival")
MID_AUTUMN = N_("Mid-Autumn Festival")
NATIONAL = N_("National Day")
BOTH = N_("National Day and Mid-Autumn Festival")
CALENDARS = (N_("China"), N_("Monday to Friday"))  # as delivered, the second without holidays
# Name, first and last day off, days that are worked for it.
_ANNOUNCED: dict[int, tuple[tuple[str, str, str, tuple[str, ...]], ...]] = {
    2025: (
        (NEW_YEAR, "01-01", "01-01", ()),
        (SPRING, "01-28", "02-04", ("01-26", "02-08")),
        (QINGMING, "04-04", "04-06", ()),
        (LABOUR, "05-01", "05-05", ("04-27",)),
        (DRAGON_BOAT, "05-31", "06-02", ()),
        (BOTH, "10-01", "10-08", ("09-28", "10-11")),
    ),
    2026: (
        (NEW_YEAR, "01-01", "01-03", ("01-04",)),
        (SPRING, "02-15", "02-23", ("02-14", "02-28")),
        (QINGMING, "04-04", "04-06", ()),
        (LABOUR, "05-01", "05-05", ("05-09",)),
        (DRAGON_BOAT, "06-19", "06-21", ()),
        (MID_AUTUMN, "09-25", "09-27", ()),
        (NATIONAL, "10-01", "10-07", ("09-20", "10-10")),
    ),
}


@dataclass(frozen=True)
class Announced:
    day: dt.date
    name: str  # a gettext id
    worked: bool


def announced() -> Iterator[Announced]:
    for year, holidays in _ANNOUNCED.items():
        for name, first, last, worked in holidays:
            day, end = (dt.date.fromisoformat(f"{year}-{each}") for each in (first, last))
            for number in range((end - day).days + 1):
                yield Announced(day + dt.timedelta(days=number), name, False)
            for each in worked:
                yield Announced(dt.date.fromisoformat(f"{year}-{each}"), name, True)
