"""The cells of a typed workbook, a column of a batch at a time."""

import datetime as dt
import re
from collections.abc import Callable, Sequence

from .neutral import looks_like_formula
from .tables import BEGINNINGS, Cell
from .write import UNWRITABLE, escaped

_STYLE = {Cell.NUMBER: 4, Cell.MONEY: 5, Cell.DAY: 6, Cell.MOMENT: 7}
_MOST_DIGITS = 15  # that a cell's number keeps
_MOST_CHARS = 32_767
_CARE = re.compile(f"[<>&_\ud800-\udfff]|{UNWRITABLE.pattern}")
_FIRST_DAY = dt.date(1900, 3, 1)  # before, spreadsheet programs count a day that never was
_ZERO = dt.date(1899, 12, 30)


def _texts(letters: str, first: int, texts: Sequence[str]) -> list[str]:
    return [_text(f"{letters}{number}", text) if text else "" for number, text in enumerate(texts, first)]


def _text(place: str, text: str) -> str:
    style = 3 if text[0] in BEGINNINGS and looks_like_formula(text) else 2
    told = escaped(text) if len(text) > _MOST_CHARS or _CARE.search(text) else text
    return f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{told}</t></is></c>'


def _numbers(cell: Cell) -> Callable[[str, int, Sequence[str]], list[str]]:
    style = _STYLE[cell]

    def written(letters: str, first: int, texts: Sequence[str]) -> list[str]:
        return [
            ""
            if not text
            else f'<c r="{letters}{number}" s="{style}"><v>{text}</v></c>'
            if len(text) <= _MOST_DIGITS
            else _text(f"{letters}{number}", text)
            for number, text in enumerate(texts, first)
        ]

    return written


def _days(cell: Cell) -> Callable[[str, int, Sequence[str]], list[str]]:
    style, known = _STYLE[cell], dict[str, str]()

    def serial(text: str) -> str:
        """The number of a day or a moment; "" where programs disagree about it."""
        if (found := known.get(text)) is None:
            if len(known) > 50_000:
                known.clear()
            day = dt.date.fromisoformat(text[:10])
            clock = [int(each) for each in text[11:].split(":")] if len(text) > 10 else [0, 0, 0]
            share = (clock[0] * 3600 + clock[1] * 60 + clock[2]) / 86_400
            number = repr(round((day - _ZERO).days + share, 10)).removesuffix(".0")
            found = known[text] = number if day >= _FIRST_DAY else ""
        return found

    def written(letters: str, first: int, texts: Sequence[str]) -> list[str]:
        return [
            ""
            if not text
            else f'<c r="{letters}{number}" s="{style}"><v>{at}</v></c>'
            if (at := serial(text))
            else _text(f"{letters}{number}", text)
            for number, text in enumerate(texts, first)
        ]

    return written


CELLS: dict[Cell, Callable[[str, int, Sequence[str]], list[str]]] = {
    Cell.TEXT: _texts,
    Cell.NUMBER: _numbers(Cell.NUMBER),
    Cell.MONEY: _numbers(Cell.MONEY),
    Cell.DAY: _days(Cell.DAY),
    Cell.MOMENT: _days(Cell.MOMENT),
}
