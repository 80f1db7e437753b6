"""Text that looks like a formula, made harmless in CSV files and made itself again when they are read.

A cell that begins with = + - @ (also in full width), tab or a line end gets one apostrophe in front, unless it is a
plain number such as -5 or +8613800138000. A cell that already begins with apostrophes before such a character gets
one more. Reading takes exactly one away again, so what was written is what is read.
"""

import re

_TRIGGER = "[=+\\-@＝＋－＠\t\r\n]"
_LOOKS_LIKE_FORMULA = re.compile(f"'*{_TRIGGER}")
_NEUTRALISED = re.compile(f"'+{_TRIGGER}")
_PLAIN = re.compile(r"[+-]\d[\d ().,/-]*$")


def looks_like_formula(text: str) -> bool:
    return _LOOKS_LIKE_FORMULA.match(text) is not None


def neutralised(text: str) -> str:
    """The text as it may stand in a CSV cell."""
    return "'" + text if looks_like_formula(text) and not _PLAIN.match(text) else text


def restored(cell: str) -> str:
    """The text a CSV cell stands for."""
    return cell[1:] if cell.startswith("'") and _NEUTRALISED.match(cell) else cell
