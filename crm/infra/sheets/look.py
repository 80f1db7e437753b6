"""What inspecting any kind of file has in common."""

from collections import Counter

from .errors import Note

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
    raw = Counter(
        len(cells) for line, cells in sample if line > heading and any(cells)
    ).most_common(1)[0][0]
    usual = (
        min(raw, max(width for width in widths if width <= raw))
        if min(widths) <= raw
        else raw
    )
    return max(named, usual)


def heading_notes(sample: Sample, heading: int) -> list[Note]:
    if not heading:
        return [Note("no_headings", {})]
    above = sum(1 for line, cells in sample if line < heading and any(cells))
    return [Note("above_headings", {"count": above})] if above else []
