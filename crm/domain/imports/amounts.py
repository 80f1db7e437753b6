"""Numbers as people and other systems write them: 12.5万, 1.2亿, 85 %, 1.234,50, (300.00).

Whether 1.234 is a thousand or a little more than one nobody can tell from one cell: a column has commas for decimals
where another cell of it can be nothing else.
"""

import re
from decimal import Decimal, InvalidOperation

COMMA, POINT = "comma", "point"
UNITS = {"1000": Decimal(1_000), "10000": Decimal(10_000), "1000000": Decimal(1_000_000), "100000000": Decimal(10**8)}

_SIZES = {
    **{"千": 1_000, "k": 1_000, "万": 10_000, "萬": 10_000, "w": 10_000, "百万": 1_000_000, "m": 1_000_000},
    **{"千万": 10_000_000, "亿": 10**8, "億": 10**8},
}
_SIZED = re.compile(r"(\D*?)([+-]?\d[\d,. ]*)\s*(百万|千万|[千kK万萬wWmM亿億])\s*(元|块|圆|CNY|RMB)?$")
_BARE = re.compile(r"\D*?([+-]?\d[\d,. ]*)(?:元|块|圆|CNY|RMB)?$")
_PLAIN = re.compile(r"[+-]?\d[\d,. '’]*$")
_LOST = re.compile(r"\(\s*(.*\d.*)\)$")  # a bookkeeper's minus
_COMMA = re.compile(r"[+-]?(?:\d{1,3}(?:[. ]\d{3})+,\d+|\d+,\d{1,2})$")
_POINT = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+\.\d+|\d+\.(?:\d{1,2}|\d{4,}))$")
_HEADED = re.compile(
    r"(?:[（(\[【/]\s*(?:单位[:：]?\s*)?(千|万|百万|亿|k|thousand|million)\s*元?\s*[)）\]】]?|(千|百万|万|亿)元)\s*$",
    re.IGNORECASE,
)
_OF_HEADING = {
    **{"千": "1000", "k": "1000", "thousand": "1000", "万": "10000"},
    **{"百万": "1000000", "million": "1000000", "亿": "100000000"},
}


def decimals_of(text: str) -> str:
    """What this cell's decimals stand behind; "" where it tells nothing."""
    text = text.strip("¥￥$€£ ")
    return COMMA if _COMMA.match(text) else POINT if _POINT.match(text) else ""


def unit_of(heading: str) -> str:
    """金额（万元） → 10000; "" where the heading names no unit."""
    return _OF_HEADING[(found[1] or found[2]).lower()] if (found := _HEADED.search(heading)) else ""


def plainly(text: str, *, decimals: str = "") -> str:
    """With a point before decimals, a minus for brackets and no apostrophes between thousands."""
    if found := _LOST.match(text):
        text = f"-{found[1].strip()}"
    sign, rest = ("-", text[1:].strip()) if text.startswith("-") else ("", text)
    bare = rest.lstrip("¥￥$€£ ")
    mark = rest[: len(rest) - len(bare)]
    if _PLAIN.match(bare):
        bare = bare.replace("'", "").replace("’", "")
        if (decimals_of(bare) or decimals) == COMMA and decimals != POINT:
            bare = bare.replace(".", "").replace(" ", "").replace(",", ".")
    return f"{sign}{bare}" if sign else f"{mark}{bare}"


def sized(text: str, unit: str = "") -> str:
    """12.5万 → 125000; without a size of its own in the column's unit; 85 % → 85."""
    if text.endswith("%") or text.endswith("％"):
        return text[:-1].strip()
    if found := _SIZED.match(text):
        return _times(found[2], Decimal(_SIZES[found[3].lower()])) or text
    if unit and (found := _BARE.match(text)):
        return _times(found[1], UNITS[unit]) or text
    return text


def _times(number: str, factor: Decimal) -> str:
    try:
        return f"{(Decimal(re.sub('[, ]', '', number)) * factor).normalize():f}"
    except InvalidOperation:
        return ""
