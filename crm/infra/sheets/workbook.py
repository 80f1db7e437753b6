"""The two jobs for XLSX: look at the sheets, and read the rows of one."""

import os
import re
from collections.abc import Iterator
from typing import Any

from .errors import Note, SheetError
from .look import Sample, first_rows, pick, sheet_inspection
from .model import Inspection, Limits, Sheet
from .package import Package, SheetPart
from .sheetxml import SheetReader
from .strings import SharedStrings
from .table import Table

_READ_WHOLE = 4 << 20
_MOST_SAMPLED = 20
_MIN_ROW_BYTES = 12


def inspect_workbook(path: str, sheet: str, limits: Limits) -> Inspection:
    package = Package(path, limits)
    strings = _strings(package)
    samples: dict[str, Sample] = {}
    sheets: list[Sheet] = []
    for each in package.sheets:
        samples[each.name], rows = [], None
        if len(sheets) < _MOST_SAMPLED or each.name == sheet:
            try:
                samples[each.name], rows = _sample(package, each, strings)
            except SheetError:
                if each.name == sheet or len(package.sheets) == 1:
                    raise
        width = max((len(cells) for _, cells in samples[each.name]), default=0)
        sheets.append(Sheet(each.name, rows, width, each.hidden))
    chosen = pick(sheets, samples, sheet)
    found = sheet_inspection("xlsx", os.stat(path).st_size, sheets, chosen, samples[chosen.name])
    if package.date_1904:
        found.notes.append(Note("date_1904", {}))
    return found


def workbook_frames(path: str, inspection: Inspection, after: int, limits: Limits) -> Iterator[dict[str, Any]]:
    package = Package(path, limits)
    sheet = next((each for each in package.sheets if each.name == inspection.sheet), None)
    if sheet is None:
        raise SheetError("missing_sheet", sheet=inspection.sheet)
    reader = SheetReader(package, sheet, _strings(package))
    return Table(inspection, after, limits).frames(reader, lambda: reader.fraction)


def _strings(package: Package) -> SharedStrings:
    try:
        return SharedStrings(package.open(package.strings_part) if package.strings_part else None)
    except KeyError:
        return SharedStrings(None)


def _sample(package: Package, sheet: SheetPart, strings: SharedStrings) -> tuple[Sample, int]:
    """The first rows, and the last row's number: exact for a small sheet, else what the sheet claims, if possible."""
    reader = SheetReader(package, sheet, strings)
    records = iter(reader)
    sample = first_rows(records, package.limits)
    if reader.size <= _READ_WHOLE:
        for _ in records:
            pass
        return sample, reader.line
    claimed = re.search(r":\$?[A-Z]+\$?(\d+)$", reader.dimension)
    likely = round(reader.line / max(reader.fraction, 1e-9))
    return sample, min(int(claimed[1]), reader.size // _MIN_ROW_BYTES) if claimed else likely
