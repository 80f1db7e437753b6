"""What a workbook's numbers mean: number formats to kinds, and numbers to the text a person sees.

Kinds: "" a number, "date", "datetime", "time", "duration", or "zeros<n>" for a format such as 000000 that shows
leading zeros. Dates come out as ISO text, without the time of day where the format shows none or it is midnight.
"""

import math
import re
from datetime import date, timedelta

BUILT_IN = (
    dict.fromkeys(map(str, (14, 15, 16, 17, *range(27, 32), 36, *range(50, 55), 57, 58)), "date")
    | dict.fromkeys(map(str, (18, 19, 20, 21, 32, 33, 34, 35, 45, 47, 55, 56)), "time")
    | {"22": "datetime", "46": "duration"}
)
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|am/pm|a/p|上午/下午', re.IGNORECASE)
_BRACKET = re.compile(r"\[(?!h+\]|m+\]|s+\])[^\]]*\]", re.IGNORECASE)
_LAST_DAY = 2_958_465
_DAY_SECONDS = 86_400


def classify(code: str) -> str:
    """The kind a number format code shows, from its first section."""
    code = _BRACKET.sub("", _LITERAL.sub("", code)).partition(";")[0].lower()
    if re.search(r"\[[hms]+\]", code):
        return "duration"
    if re.fullmatch(r"0{2,}", code):
        return f"zeros{len(code)}"
    if code in ("general", "@") or not re.search("[ymdhs年月日]|aaa", code):
        return ""
    clock = re.search("[hs]", code) is not None
    day = re.search("[yd年日]|aaa", code) is not None or not clock
    return "datetime" if day and clock else "date" if day else "time"


def number_text(value: str, kind: str, date_1904: bool) -> tuple[str, bool]:
    """The text of a number as the file holds it, and whether it has more digits than the file could keep."""
    try:
        number = float(value)
    except ValueError:
        return value, False
    if not math.isfinite(number):
        return "", False
    zeros = int(kind[5:]) if kind.startswith("zeros") else 0
    if kind and not zeros:
        text = moment_text(number, kind, date_1904)
        if text:
            return text, False
    text = whole_text(number)
    return (text.zfill(zeros) if text.isdigit() else text), len(text.lstrip("-")) > 15 and "." not in text


def whole_text(number: float) -> str:
    """13800138000.0 is 13800138000; otherwise fifteen digits, as spreadsheet programs show: 4.9000000000000004 is 4.9.

    Never with an exponent.
    """
    if number == int(number):
        return str(int(number))
    text = f"{number:.15g}"
    if "e" in text:
        digits = min(30, max(0, 14 - int(text.partition("e")[2])))
        text = f"{number:.{digits}f}".rstrip("0").rstrip(".")
    return text


def moment_text(number: float, kind: str, date_1904: bool) -> str:
    """ISO text of a day count; "" where it is none (negative, past the year 9999)."""
    total = round(number * _DAY_SECONDS)
    if kind == "duration":
        return clock_text(total)
    days, seconds = divmod(total, _DAY_SECONDS)
    if not 0 <= days <= _LAST_DAY - (1462 if date_1904 else 0):
        return ""
    if days == 0 and (kind == "time" or not date_1904):
        return clock_text(seconds)
    # Day 60, 1900-02-29, never was: the days before it count from another day than those after it.
    first = date(1904, 1, 1) if date_1904 else date(1899, 12, 31 if days < 60 else 30)
    day = (first + timedelta(days=days)).isoformat()
    return day if kind == "date" or not seconds else f"{day} {clock_text(seconds)}"


def clock_text(seconds: int) -> str:
    """90 → 00:01:30; hours may pass 24 and the whole may be negative."""
    hours, rest = divmod(abs(seconds), 3600)
    return f"{'-' if seconds < 0 else ''}{hours:02d}:{rest // 60:02d}:{rest % 60:02d}"
