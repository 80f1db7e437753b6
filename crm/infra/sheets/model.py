"""What passes between the reader and whoever asked: plain values that survive JSON."""

from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from .errors import Flag, Note

MB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """How far a reader may go. `rows` are data rows; `unpacked_bytes` is what a packed file may grow to."""

    file_bytes: int = 200 * MB
    unpacked_bytes: int = 4096 * MB
    rows: int = 1_000_000
    columns: int = 1_000
    cell_chars: int = 262_144
    line_chars: int = 8 * MB
    memory_bytes: int = 1024 * MB
    cpu_seconds: int = 900
    stall_seconds: float = 60.0
    batch_rows: int = 2_000


class Sheet(NamedTuple):
    """`rows` as far as known without reading all of it, None when not known."""

    name: str
    rows: int | None
    columns: int
    hidden: bool


class Batch(NamedTuple):
    rows: list[tuple[int, list[str]]]
    flags: list[Flag]
    blank: int
    line: int
    fraction: float


class Totals(NamedTuple):
    """Of one reading: data rows, blank rows, rows above the headings, last line."""

    rows: int
    blank: int
    above: int
    line: int


@dataclass(frozen=True)
class Inspection:
    """What a file looks like, and the dialect `rows` reads it with."""

    kind: str
    size: int
    encoding: str = ""
    encoding_sure: bool = True
    delimiter: str = ""
    quote: str = ""
    escape: str = ""
    skip_space: bool = False
    sheets: list[Sheet] = field(default_factory=list)
    sheet: str = ""
    heading_row: int = 0
    columns: int = 0
    usual_cells: int = 0
    sample: list[tuple[int, list[str]]] = field(default_factory=list)
    rows: int | None = None
    notes: list[Note] = field(default_factory=list)

    @property
    def headings(self) -> list[str]:
        """The heading cells, as many as there are columns; empty texts when there is no heading row.

        Where headings stand in two rows (a group over several columns), an empty cell takes the one above it.
        """
        above: list[str] = []
        found: list[str] = []
        for line, cells in self.sample:
            if line >= self.heading_row:
                found = list(cells) if line == self.heading_row else []
                break
            above = cells
        found = (found + [""] * self.columns)[: self.columns]
        if sum(1 for cell in above if cell.strip()) > 1:
            above = above + [""] * self.columns
            found = [cell if cell.strip() else above[at] for at, cell in enumerate(found)]
        return found

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Inspection":
        """The inverse of to_dict, also after a trip through JSON."""
        values = dict(values)
        values["sheets"] = [Sheet(*each) for each in values["sheets"]]
        values["sample"] = [(line, cells) for line, cells in values["sample"]]
        values["notes"] = [Note(*each) for each in values["notes"]]
        return cls(**values)
