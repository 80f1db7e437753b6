"""From records of any reader to batches below a heading row: widths, blank rows, flags, limits, where to go on."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from .confine import check_memory
from .errors import SheetError
from .look import used
from .marks import is_mark
from .model import Inspection, Limits
from .text import REPLACEMENT

_BATCH_CHARS = 1 << 20
_BEAT_RECORDS = 50_000

Flagged = tuple[str, dict[str, Any]]


class Table:
    """Counts and cuts. In a text file rows are compared by the cells written, in a workbook by those filled."""

    def __init__(self, inspection: Inspection, after: int, limits: Limits) -> None:
        self.heading_row = inspection.heading_row
        self.width = inspection.columns
        self.written = inspection.usual_cells
        self.text = inspection.kind == "csv"
        self.after = after
        self.limits = limits
        self.above = self.blank = self.count = self.line = 0
        self._new_batch()

    def _new_batch(self) -> None:
        self.rows: list[tuple[int, list[str]]] = []
        self.flags: list[tuple[int, str, dict[str, Any]]] = []
        self.batch_blank = self.chars = 0

    def frames(
        self, records: Iterable[tuple[int, list[str], list[Flagged]]], fraction: Callable[[], float]
    ) -> Iterator[dict[str, Any]]:
        """Batch frames, a sign of life where there are none for long, then one frame of totals."""
        for seen, (line, cells, flagged) in enumerate(records, 1):
            if self._take(line, cells, flagged) or self.chars > _BATCH_CHARS:
                yield self._frame(fraction())
            elif not seen % _BEAT_RECORDS:
                yield {"beat": fraction()}
        if not self.count and not self.after:
            raise SheetError("no_rows")
        if self.rows or self.batch_blank:
            yield self._frame(1.0)
        yield {"totals": [self.count, self.blank, self.above, self.line]}

    def _take(self, line: int, cells: list[str], flagged: list[Flagged]) -> bool:
        """Put a record where it belongs; True when the batch is full."""
        before, self.line = self.line, line
        if line <= self.heading_row:
            self.above += line < self.heading_row
            self.width = max(self.width, used(cells)) if line == self.heading_row else self.width
            return False
        if line <= self.after:
            return False
        if line > before + 1 and not self.text:  # a workbook leaves out rows nothing was ever written to
            self._blank(line - 1 - max(before, self.heading_row, self.after))
        if is_mark(cells) or (not flagged and not any(map(str.strip, cells))):
            self._blank(1)
            return False
        self._add(line, cells, flagged)
        return len(self.rows) >= self.limits.batch_rows

    def _blank(self, count: int) -> None:
        self.blank += count
        self.batch_blank += count

    def _add(self, line: int, cells: list[str], flagged: list[Flagged]) -> None:
        for code, params in flagged:
            self.flags.append((line, code, params))
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
        count = len(cells) if self.text else used(cells)
        if count > self.limits.columns:
            raise SheetError("too_many_columns", line=line, count=count, limit=self.limits.columns)
        if count > max(self.width, self.written):
            self.flags.append((line, "too_many_cells", {"count": count, "expected": self.width}))
            return cells[:count]
        if self.text and count < self.width:
            self.flags.append((line, "too_few_cells", {"count": count, "expected": self.width}))
        return cells[: max(self.width, used(cells))] + [""] * (self.width - len(cells))

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
