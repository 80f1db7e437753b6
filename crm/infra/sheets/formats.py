"""What a workbook's numbers mean: number formats to kinds, and numbers to the text a person sees.

Kinds: "" a number, "date", "datetime", "time", "duration", or "zeros<n>" for a format such as 000000 that shows
leading zeros. Dates come out as ISO text.
"""

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
    day = re.search("[yd年]|aaa", code) is not None or not clock
    return "datetime" if day and clock else "date" if day else "time"


def number_text(value: str, kind: str, date_1904: bool) -> tuple[str, bool]:
    """The text of a number as the file holds it, and whether it has more digits than the file could keep."""
    if not kind and value.isdigit() and len(value) <= 15:
        return value, False
    try:
        number = float(value)
    except ValueError:
        return value, False
    if kind and not kind.startswith("zeros"):
        text = moment_text(number, kind, date_1904)
        if text:
            return text, False
    if number != number or number in (float("inf"), float("-inf")):
        return "", False
    if number == int(number):
        whole = str(int(number))
        return whole.zfill(int(kind[5:])) if kind.startswith("zeros") else whole, len(whole.lstrip("-")) > 15
    return decimal_text(number), False


def decimal_text(number: float) -> str:
    """Fifteen digits, as spreadsheet programs show, never with an exponent: 4.9000000000000004 is 4.9."""
    text = f"{number:.15g}"
    if "e" in text:
        digits = max(0, 15 - int(text.partition("e")[2]) - 1)
        text = f"{number:.{min(digits, 30)}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    return text


def moment_text(number: float, kind: str, date_1904: bool) -> str:
    """ISO text of a day count; "" where it is none (negative, past the year 9999)."""
    if kind == "duration":
        return _clock(round(number * _DAY_SECONDS)) if number >= 0 else "-" + _clock(round(-number * _DAY_SECONDS))
    if number < 0 or number > _LAST_DAY + 1:
        return ""
    if kind == "time" and number < 1:
        return _clock(round(number * _DAY_SECONDS) % _DAY_SECONDS)
    days, seconds = divmod(round(number * _DAY_SECONDS), _DAY_SECONDS)
    if days == 0 and not date_1904:
        return _clock(seconds)
    if date_1904:
        first = date(1904, 1, 1)
    else:  # 1900-02-29, day 60, never was; days before it are counted one higher than after
        first = date(1899, 12, 31) if days < 60 else date(1899, 12, 30)
    try:
        day = first + timedelta(days=days)
    except OverflowError:
        return ""
    return day.isoformat() if kind == "date" else f"{day.isoformat()} {_clock(seconds)}"


def _clock(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    return f"{hours:02d}:{rest // 60:02d}:{rest % 60:02d}"
