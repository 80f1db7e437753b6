"""Divides one record whose quotation marks do not follow the rules, guided by how many cells it should have.

`a,"17:00,3,"it rains",b` : the first mark is text. `"旺角"餐厅,b` : both are. `"a 9" rod",b` : the middle one is.
Every way to divide the record is a path from cell start to cell start; each mark taken against the rules costs one,
and of the paths with the wanted number of cells the cheapest is taken (of all paths, where none has that many).
"""

import heapq

_MOST_CHARS = 50_000
_MOST_STEPS = 20_000


def divide(text: str, delimiter: str, quote: str, width: int) -> tuple[list[str], bool]:
    """The cells, and whether they are as many as `width` says. A hopeless record is split at every separator."""
    text = text.rstrip("\r\n")
    if len(text) <= _MOST_CHARS:
        cells = _cheapest(text, delimiter, quote, width)
        if cells is not None:
            return cells, True
        cells = _cheapest(text, delimiter, quote, 0)
        if cells is not None:
            return cells, False
    cells = text.split(delimiter)
    return cells, len(cells) == width


def _cheapest(text: str, delimiter: str, quote: str, width: int) -> list[str] | None:
    end = len(text) + 1
    heap: list[tuple[int, int, int, tuple[object, ...]]] = [(0, 0, 0, ())]
    seen: set[tuple[int, int]] = set()
    for _ in range(_MOST_STEPS):
        if not heap:
            return None
        cost, at, count, path = heapq.heappop(heap)
        if at == end and (count == -width or not width):
            return _unroll(path)
        if at == end or (at, count) in seen or (width and -count >= width):
            continue
        seen.add((at, count))
        for more, after, cell in _cells_from(text, at, delimiter, quote):
            heapq.heappush(heap, (cost + more, after, count - 1 if width else 0, (path, cell)))
    return None


def _unroll(path: tuple[object, ...]) -> list[str]:
    cells: list[str] = []
    while path:
        path, cell = path  # type: ignore[assignment]
        cells.append(str(cell))
    return cells[::-1]


def _cells_from(text: str, at: int, delimiter: str, quote: str) -> list[tuple[int, int, str]]:
    """(cost, start of the next cell, text) of each cell that may begin at `at`; a cell's end is `end` + 1."""
    stop = text.find(delimiter, at)
    stop = len(text) if stop < 0 else stop
    plain = text[at:stop]
    if not plain.startswith(quote):
        return [(0, stop + 1, plain)]
    found = [(2 if plain.count(quote) % 2 else 3, stop + 1, plain)]
    close = text.find(quote, at + 1)
    while close >= 0 and len(found) < 200:
        after = close + 1
        if after == len(text) or text.startswith(delimiter, after):
            inner = text[at + 1 : close]
            single = inner.replace(quote * 2, "").count(quote)
            found.append((single, after + 1, inner.replace(quote * 2, quote)))
        close = text.find(quote, after)
    return found
