"""What inspecting any kind of file has in common."""

from collections import Counter

from .errors import Note, SheetError
from .headings import guess_heading
from .model import Inspection, Limits, Sheet

SAMPLE_ROWS = 60

Sample = list[tuple[int, list[str]]]


def used(cells: list[str]) -> int:
    """The number of cells up to the last that is not empty."""
    count = len(cells)
    while count and not cells[count - 1]:
        count -= 1
    return count


def table_width(sample: Sample, heading: int, *, ragged: bool) -> int:
    """Columns of the table: those of its headings, or more where most rows (in a workbook: any row) have more."""
    named = next((used(cells) for line, cells in sample if line == heading), 0)
    widths = [used(cells) for line, cells in sample if line > heading and any(cells)]
    if not widths:
        return named
    if not ragged:
        return max(named, *widths)
    raw = Counter(len(cells) for line, cells in sample if line > heading and any(cells)).most_common(1)[0][0]
    usual = min(raw, max(width for width in widths if width <= raw)) if min(widths) <= raw else raw
    return max(named, usual)


def heading_notes(sample: Sample, heading: int) -> list[Note]:
    if not heading:
        return [Note("no_headings", {})]
    above = sum(1 for line, cells in sample if line < heading and any(cells))
    return [Note("above_headings", {"count": above})] if above else []


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
        table = bool(heading) and sheet.columns > 1 and any(line > heading and any(cells) for line, cells in sample)
        return sheet.hidden, not table, not any(any(cells) for _, cells in sample)

    if not sheets:
        raise SheetError("empty")
    return min(sheets, key=rank)


def sheet_inspection(
    kind: str, size: int, sheets: list[Sheet], chosen: Sheet, sample: Sample, limits: Limits
) -> Inspection:
    """What there is to say about a workbook once its sheets are sampled."""
    if not any(any(cells) for _, cells in sample):
        raise SheetError("empty")
    heading = guess_heading(sample)
    columns = table_width(sample, heading, ragged=False)
    if columns > limits.columns:
        raise SheetError("too_many_columns", line=heading or 1, count=columns, limit=limits.columns)
    notes = heading_notes(sample, heading)
    if chosen.hidden:
        notes.append(Note("hidden_sheet", {"sheet": chosen.name}))
    return Inspection(
        kind=kind,
        size=size,
        sheets=sheets,
        sheet=chosen.name,
        heading_row=heading,
        columns=columns,
        sample=sample,
        rows=chosen.rows,
        notes=notes,
    )
