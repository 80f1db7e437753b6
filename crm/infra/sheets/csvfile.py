"""Records of a delimited text file: fast where it follows the rules, repaired record by record where it does not."""

import csv
from collections import deque
from collections.abc import Iterator
from itertools import islice

from .dialect import Dialect, unescape
from .model import Limits
from .neutral import restored
from .repair import Divider
from .text import Text

_LOOK_AHEAD = 20
NO_FLAGS: list[tuple[str, dict[str, object]]] = []

Record = tuple[int, list[str], list[tuple[str, dict[str, object]]]]


class Feed:
    """Hands lines to csv.reader, remembers those of the record being read, and takes lines back."""

    def __init__(self, lines: Iterator[str], dialect: Dialect) -> None:
        self.lines = lines
        self.dialect = dialect
        self.taken: list[str] = []
        self.back: deque[str] = deque()
        self.apostrophe = False

    def __iter__(self) -> Iterator[str]:
        taken, back, escape, quote = (
            self.taken,
            self.back,
            self.dialect.escape,
            self.dialect.quote,
        )
        while True:
            line = back.popleft() if back else next(self.lines, "")
            if not line:
                return
            taken.append(line)
            if "'" in line:
                self.apostrophe = True
            yield unescape(line, quote) if escape else line

    def look_ahead(self) -> list[str]:
        """The lines of the record so far and some behind them."""
        if len(self.taken) < _LOOK_AHEAD:
            more = [self.back.popleft() for _ in range(min(_LOOK_AHEAD, len(self.back)))]
            self.taken.extend(more or islice(self.lines, _LOOK_AHEAD))
        return self.taken

    def keep(self, used: int) -> None:
        """`used` lines made a record; the others are to be read again."""
        self.back.extendleft(reversed(self.taken[used:]))
        self.taken.clear()


def read_records(text: Text, dialect: Dialect, limits: Limits, width: int) -> Iterator[Record]:
    """(line, cells, flags) of every record, blank ones included. `width` is the number of cells one should have."""
    csv.field_size_limit(limits.cell_chars)
    feed = Feed(iter(text), dialect)
    divider = Divider(dialect.delimiter, dialect.quote, width)
    line = 1
    while True:
        reader = csv.reader(
            iter(feed),
            delimiter=dialect.delimiter,
            quotechar=dialect.quote,
            skipinitialspace=dialect.skip_space,
            strict=True,
        )
        taken = feed.taken
        try:
            for cells in reader:
                if feed.apostrophe:
                    _restore(feed, cells)
                yield line, cells, NO_FLAGS
                line += len(taken)
                taken.clear()
            return
        except csv.Error:
            cells, used = _repair(feed, divider)
            _restore(feed, cells)
            yield line, cells, [("quotes_repaired", {})]
            line += used
            feed.keep(used)


def _restore(feed: Feed, cells: list[str]) -> None:
    """Undo what write_csv does to text that looks like a formula."""
    feed.apostrophe = False
    cells[:] = map(restored, cells)


def _repair(feed: Feed, divider: Divider) -> tuple[list[str], int]:
    """The cells of the broken record at hand and the number of lines they took: the fewest that give enough cells."""
    lines = feed.look_ahead()[:_LOOK_AHEAD]
    if feed.dialect.escape:
        lines = [unescape(line, divider.quote) for line in lines]
    divider.begin()
    for used in range(1, len(lines) + 1) if divider.width else ():
        cells = divider.exactly("".join(lines[:used]))
        if cells is not None:
            return cells, used
    return divider.anyhow(lines[0]), 1
