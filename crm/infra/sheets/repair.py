"""Divides records whose quotation marks do not follow the rules, guided by how many cells they should have.

`a,"17:00,3,"it rains",b` : the first mark is text. `"旺角"餐厅,b` : both are. `"a 9" rod",b` : the middle one is.
Every way to divide the record is a path from cell start to cell start; each mark taken against the rules costs one,
and of the paths with the wanted number of cells the cheapest is taken (of all paths, where none has that many).
"""

import heapq
from bisect import bisect_left
from collections.abc import Iterator
from itertools import count
from typing import NamedTuple

_MOST_CHARS = 50_000
_MOST_MARKS = 12
_STEPS_A_RECORD = 3_000
_STEPS_A_FILE = 1_000_000


class _Cell(NamedTuple):
    """A cell of the text and the ones before it; behind it the next one starts, at `after`."""

    start: int
    stop: int
    quoted: bool
    after: int
    number: int
    before: "_Cell | None"


class Divider:
    """Divides the broken records of one file; one with very many of them is divided more simply after a while.

    `width` is how many cells a record should have, 0 when that is not known.
    """

    def __init__(self, delimiter: str, quote: str, width: int) -> None:
        self.delimiter = delimiter
        self.quote = quote
        self.width = width
        self.steps = _STEPS_A_FILE

    def begin(self) -> None:
        """A new record, with its own share of the steps left."""
        self.record_steps = min(_STEPS_A_RECORD, self.steps)

    def exactly(self, text: str) -> list[str] | None:
        """The record in `width` cells, if that can be."""
        return self._cheapest(text.rstrip("\r\n"), self.width)

    def anyhow(self, text: str) -> list[str]:
        """The record in any number of cells."""
        text = text.rstrip("\r\n")
        self.record_steps += _STEPS_A_RECORD // 4
        return self._cheapest(text, 0) or text.split(self.delimiter)

    def _cheapest(self, text: str, width: int) -> list[str] | None:
        if len(text) > _MOST_CHARS:
            return None
        ends = [at for at, char in enumerate(text) if char == self.delimiter]
        order = count()  # among equals the one that is furthest, then the first found
        heap = [(0, 0, 0, _Cell(0, 0, False, 0, 0, None))]
        seen: set[tuple[int, int]] = set()
        while heap and self.record_steps > 0:
            self.record_steps -= 1
            self.steps -= 1
            cost, _, _, cell = heapq.heappop(heap)
            if cell.after > len(text):
                if not width or cell.number == width:
                    return self._texts(text, cell)
                continue
            state = (cell.after, cell.number if width else 0)
            possible = cell.number + len(ends) - bisect_left(ends, cell.after) + 1
            if state not in seen and (not width or cell.number < width <= possible):
                seen.add(state)
                for more, each in self._next(text, cell):
                    heapq.heappush(heap, (cost + more, -each.after, next(order), each))
        return None

    def _next(self, text: str, before: _Cell) -> Iterator[tuple[int, _Cell]]:
        """The cost and the cell for each way the next cell can be."""
        at, number = before.after, before.number + 1
        stop = text.find(self.delimiter, at)
        stop = len(text) if stop < 0 else stop
        if not text.startswith(self.quote, at):
            yield 0, _Cell(at, stop, False, stop + 1, number, before)
            return
        yield 3 - text.count(self.quote, at, stop) % 2, _Cell(at, stop, False, stop + 1, number, before)
        marks = 0  # that stand alone inside the cell
        close = text.find(self.quote, at + 1)
        while close >= 0 and marks <= _MOST_MARKS:
            doubled = text.startswith(self.quote, close + 1)
            last = close + doubled
            if last + 1 == len(text) or text.startswith(self.delimiter, last + 1):
                yield marks + doubled, _Cell(at + 1, last, True, last + 2, number, before)
            marks += not doubled
            close = text.find(self.quote, last + 1)

    def _texts(self, text: str, cell: _Cell) -> list[str]:
        found: list[str] = []
        while cell.before is not None:
            part = text[cell.start : cell.stop]
            found.append(part.replace(self.quote * 2, self.quote) if cell.quoted else part)
            cell = cell.before
        return found[::-1]
