"""What inspecting any kind of file has in common: the first rows, the width of the table, the sheet to begin with."""

from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import Any

from .errors import Note, SheetError
from .headings import guess_heading
from .marks import is_mark
from .model import Inspection, Limits, Sheet

SAMPLE_ROWS = 60
_MOST_LOOKED_AT = 20_000
_MOST_SHOWN = 1_000

Sample = list[tuple[int, list[str]]]


def first_rows(records: Iterable[tuple[int, list[str], Any]], limits: Limits) -> Sample:
    """The first rows with anything in them."""
    found: Sample = []
    for line, cells, _ in islice(records, _MOST_LOOKED_AT):
        if len(cells) > limits.columns and used(cells) > limits.columns:
            raise SheetError("too_many_columns", line=line, count=used(cells), limit=limits.columns)
        if any(map(str.strip, cells)) and not is_mark(cells):
            found.append((line, cells))
            if len(found) == SAMPLE_ROWS:
                break
    return found


def shown(sample: Sample) -> Sample:
    """The sample with very long cells cut off, for showing."""
    return [(line, [cell[:_MOST_SHOWN] for cell in cells]) for line, cells in sample]


def used(cells: list[str]) -> int:
    """The number of cells up to the last that has something in it."""
    count = len(cells)
    while count and not cells[count - 1].strip():
        count -= 1
    return count


def usual_cells(sample: Sample, heading: int) -> int:
    """How many cells most rows are written with, empty ones included."""
    widths = Counter(len(cells) for line, cells in sample if line > heading)
    widths = widths or Counter(len(cells) for line, cells in sample if line == heading)
    return widths.most_common(1)[0][0] if widths else 0


def text_columns(sample: Sample, heading: int, usual: int) -> int:
    """Columns of a text file: those of its headings, or more where rows of the usual length have more."""
    named = next((used(cells) for line, cells in sample if line == heading), 0)
    return max([named, *(used(cells) for line, cells in sample if line > heading and len(cells) == usual)])


def sheet_columns(sample: Sample, heading: int) -> int:
    """Columns of a worksheet: as far as any row below the headings, or the headings, go."""
    return max((used(cells) for line, cells in sample if line >= heading), default=0)


def heading_notes(sample: Sample, heading: int) -> list[Note]:
    """What to say about the headings and what is above and below them."""
    notes = []
    if not heading:
        notes.append(Note("no_headings", {}))
    above = sum(line < heading for line, _ in sample)
    if above:
        notes.append(Note("above_headings", {"count": above}))
    if len(sample) < SAMPLE_ROWS and not any(line > heading for line, _ in sample):
        notes.append(Note("no_rows", {}))
    return notes


def pick(sheets: list[Sheet], samples: dict[str, Sample], wanted: str) -> Sheet:
    """The sheet asked for, else the first visible one with headings and rows, with rows, or at all."""
    if wanted:
        found = next((each for each in sheets if each.name == wanted), None)
        if found is None:
            raise SheetError("missing_sheet", sheet=wanted)
        return found

    def rank(sheet: Sheet) -> tuple[bool, bool, bool]:
        sample = samples[sheet.name]
        heading = guess_heading(sample)
        table = bool(heading) and sheet.columns > 1 and any(line > heading for line, _ in sample)
        return sheet.hidden, not table, not sample

    if not sheets:
        raise SheetError("empty")
    return min(sheets, key=rank)


def sheet_inspection(kind: str, size: int, sheets: list[Sheet], chosen: Sheet, sample: Sample) -> Inspection:
    """What there is to say about a workbook once its sheets are sampled."""
    if not sample:
        raise SheetError("empty")
    heading = guess_heading(sample)
    notes = heading_notes(sample, heading)
    if chosen.hidden:
        notes.append(Note("hidden_sheet", {"sheet": chosen.name}))
    return Inspection(
        kind=kind,
        size=size,
        sheets=sheets,
        sheet=chosen.name,
        heading_row=heading,
        columns=sheet_columns(sample, heading),
        sample=shown(sample),
        rows=chosen.rows,
        notes=notes,
    )
