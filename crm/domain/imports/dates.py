"""Dates as other systems write them: 12/25/2025, 25.12.2025, Dec 25, 2025, and the serial numbers of spreadsheets.

Which of two small numbers is the month nobody can tell from one cell. A column is read month or day first where
another cell of it can be nothing else; until then what is open stays as it is, and the field refuses it.
"""

import datetime as dt
import re

from dateutil import parser

YEAR_FIRST, MONTH_FIRST, DAY_FIRST = "ymd", "mdy", "dmy"
ORDERS = (MONTH_FIRST, DAY_FIRST, YEAR_FIRST)

_NUMBERS = re.compile(r"(\d{1,2})\s*([-/. ])\s*(\d{1,2})\s*\2\s*(\d{4}|\d{2})((?:[T ,]).*)?$")
_NAME = r"[A-Za-z]{3,9}\.?"
_NAMED = re.compile(
    rf"(?:{_NAME},?\s+)?(?:\d{{1,2}}(?:st|nd|rd|th)?[-/ .]+{_NAME}|{_NAME}[-/ ]+\d{{1,2}}(?:st|nd|rd|th)?)"
    r"(?:\s*,\s*|[-/ ]+)(?:\d{4}|\d{2})(?:(?:,?\s+|\s+at\s+|T)\d{1,2}:\d{2}.*)?$",
    re.IGNORECASE,
)
_SERIAL = re.compile(r"([2-7]\d{4})(\.\d+)?$")  # 1954 … 2119
_EPOCH = dt.datetime(1899, 12, 30)  # day 0 of spreadsheets, which hold 1900 for a leap year (ECMA-376 part 1, 18.17.4)
_TURN = 69  # two digits of a year from here on are of the last century, as in POSIX strptime


def order_of(text: str) -> str:
    """The one order that this cell can be in; "" where it tells nothing."""
    if not (found := _NUMBERS.match(text)):
        return ""
    first, second, year = int(found[1]), int(found[3]), found[4]
    if len(year) == 2 and first > 31:
        return YEAR_FIRST
    if first > 12 >= second >= 1 and first <= 31 and (len(year) == 4 or int(year) > 31):
        return DAY_FIRST
    if second > 12 >= first >= 1 and second <= 31:
        return MONTH_FIRST
    return ""


def from_serial(text: str) -> str:
    """46347.5 → 2026-11-21 12:00:00; anything else as it is."""
    if not (found := _SERIAL.match(text)):
        return text
    moment = _EPOCH + dt.timedelta(days=int(found[1]))
    if not found[2]:
        return moment.date().isoformat()
    return (moment + dt.timedelta(seconds=round(float(found[2]) * 86_400))).isoformat(" ")


def in_order(text: str, order: str) -> str:
    """With the year in front; as it is where it is no date, where the cell contradicts `order`, or where both leave it
    open."""
    if found := _NUMBERS.match(text):
        return _numbered(text, found, order)
    return _named(text) if _NAMED.match(text) else text


def _numbered(text: str, found: re.Match[str], order: str) -> str:
    first, second, last = int(found[1]), int(found[3]), found[4]
    own = order_of(text)
    if order and own not in ("", order):  # one of another kind in the column: the field refuses it
        return text
    order = own or order or (MONTH_FIRST if first == second and len(last) == 4 else "")
    year, month, day = {
        MONTH_FIRST: (last, first, second),
        DAY_FIRST: (last, second, first),
        YEAR_FIRST: (found[1], second, int(last)),
    }.get(order, ("", 0, 0))
    if not year or (order == YEAR_FIRST and len(last) == 4):
        return text
    try:
        date = dt.date(_whole(year), month, day)
    except ValueError:
        return text
    return f"{date.isoformat()} {rest}" if (rest := (found[5] or "").strip(" ,T")) else date.isoformat()


def _whole(year: str) -> int:
    return int(year) if len(year) == 4 else int(year) + (1900 if int(year) >= _TURN else 2000)


def _named(text: str) -> str:
    try:
        moment = parser.parse(text.replace(" at ", " "))
    except (ValueError, OverflowError):
        return text
    return str(moment.isoformat(" ")) if ":" in text else str(moment.date())
