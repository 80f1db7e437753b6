"""From records of any reader to batches below a heading row: widths, blank rows, flags, limits, where to go on."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from .confine import check_memory
from .errors import SheetError
from .look import used as used_width
from .model import Limits
from .text import REPLACEMENT

_BATCH_CHARS = 1 << 20
_BEAT_RECORDS = 50_000

Flagged = tuple[str, dict[str, Any]]


class Table:
    """Counts and cuts. `ragged` says that a short row is worth a flag, as in a text file where cells are written out."""

    def __init__(self, heading_row: int, columns: int, after: int, ragged: bool, limits: Limits) -> None:
        self.heading_row = heading_row
        self.width = columns
        self.after = after
        self.ragged = ragged
        self.limits = limits
        self.above = self.blank = self.count = self.line = 0
        self._new_batch()

    def _new_batch(self) -> None:
        self.rows: list[tuple[int, list[str]]] = []
        self.flags: list[tuple[int, str, dict[str, Any]]] = []
        self.batch_blank = self.chars = 0

    def frames(
        self,
        records: Iterable[tuple[int, list[str], list[Flagged]]],
        fraction: Callable[[], float],
    ) -> Iterator[dict[str, Any]]:
        """Batch frames, then one of totals."""
        seen = 0
        for line, cells, flagged in records:
            seen += 1
            if self._take(line, cells, flagged) or self.chars > _BATCH_CHARS:
                yield self._frame(fraction())
            elif not seen % _BEAT_RECORDS:
                yield {"beat": fraction()}
        if self.rows or self.batch_blank:
            yield self._frame(1.0)
        yield {"totals": [self.count, self.blank, self.above, self.line]}

    def _take(self, line: int, cells: list[str], flagged: list[Flagged]) -> bool:
        """Put a record where it belongs; True when the batch is full."""
        before, self.line = self.line, line
        if line <= self.heading_row:
            if line == self.heading_row:
                self.width = max(self.width, used_width(cells))
            else:
                self.above += 1
            return False
        if line <= self.after:
            return False
        if not self.ragged and line > before + 1:  # a workbook leaves out rows nothing was ever written to
            self._blank(line - 1 - max(before, self.heading_row, self.after))
        if not any(cells) or not any(map(str.strip, cells)):
            self._blank(1)
            return False
        self._add(line, cells, flagged)
        return len(self.rows) >= self.limits.batch_rows

    def _blank(self, count: int) -> None:
        self.blank += count
        self.batch_blank += count

    def _add(self, line: int, cells: list[str], flagged: list[Flagged]) -> None:
        if flagged:
            self.flags.extend((line, code, params) for code, params in flagged)
        if len(cells) != self.width:
            cells = self._fitted(line, cells)
        chars = sum(map(len, cells))
        if chars > self.limits.line_chars:
            raise SheetError("line_too_long", line=line, limit=self.limits.line_chars)
        self.count += 1
        if self.count > self.limits.rows:
            raise SheetError("too_many_rows", limit=self.limits.rows)
        self.chars += chars
        self.rows.append((line, cells))

    def _fitted(self, line: int, cells: list[str]) -> list[str]:
        """As wide as the headings, or wider where the row has more; a flag when that matters."""
        used = len(cells)
        if used > self.width:
            used = used_width(cells)
            if used > self.limits.columns:
                raise SheetError("too_many_columns", line=line, count=used, limit=self.limits.columns)
            if used > self.width:
                self.flags.append((line, "too_many_cells", {"count": used, "expected": self.width}))
            return cells[: max(used, self.width)]
        if self.ragged:
            self.flags.append((line, "too_few_cells", {"count": used, "expected": self.width}))
        return cells + [""] * (self.width - used)

    def _frame(self, fraction: float) -> dict[str, Any]:
        check_memory(self.limits)
        frame = {
            "rows": self.rows,
            "flags": self.flags + self._unreadable(),
            "blank": self.batch_blank,
            "line": self.line,
            "fraction": round(fraction, 4),
        }
        self._new_batch()
        return frame

    def _unreadable(self) -> list[tuple[int, str, dict[str, Any]]]:
        if not any(REPLACEMENT in "".join(cells) for _, cells in self.rows):
            return []
        return [(line, "bad_bytes", {}) for line, cells in self.rows if REPLACEMENT in "".join(cells)]
