"""The two jobs for the other workbooks (XLS, XLSB, ODS), by python-calamine, which reads a sheet at once."""

import math
import os
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from .errors import SheetError
from .formats import clock_text, whole_text
from .look import Sample, first_rows, pick, sheet_inspection
from .model import MB, Inspection, Limits, Sheet
from .sheetxml import Record, column_letters
from .table import Table


def inspect_other(path: str, kind: str, sheet: str, limits: Limits) -> Inspection:
    book = _open(path, limits)
    samples: dict[str, Sample] = {}
    sheets: list[Sheet] = []
    for each in book.sheets_metadata:
        if str(each.typ).endswith("WorkSheet"):
            found = _sheet(book, each.name)
            samples[each.name] = first_rows(_records(found), limits)
            width = max((len(cells) for _, cells in samples[each.name]), default=0)
            sheets.append(Sheet(each.name, found.total_height, width, not str(each.visible).endswith(".Visible")))
    chosen = pick(sheets, samples, sheet)
    return sheet_inspection(kind, os.stat(path).st_size, sheets, chosen, samples[chosen.name])


def other_frames(path: str, inspection: Inspection, after: int, limits: Limits) -> Iterator[dict[str, Any]]:
    book = _open(path, limits)
    if inspection.sheet not in book.sheet_names:
        raise SheetError("missing_sheet", sheet=inspection.sheet)
    sheet = _sheet(book, inspection.sheet)
    table = Table(inspection, after, limits)
    last = max(1, sheet.total_height)
    return table.frames(_records(sheet), lambda: min(1.0, table.line / last))


def _open(path: str, limits: Limits) -> Any:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        return CalamineWorkbook.from_path(path)
    except PasswordError as error:
        raise SheetError("encrypted") from error
    except (CalamineError, OSError, ValueError) as error:
        if "Cell limit exceeded" in str(error):
            raise SheetError("out_of_memory", limit=limits.memory_bytes // MB) from error
        raise SheetError("damaged") from error


def _sheet(book: Any, name: str) -> Any:
    from python_calamine import CalamineError

    try:
        return book.get_sheet_by_name(name)
    except CalamineError as error:
        raise SheetError("damaged") from error


def _records(sheet: Any) -> Iterator[Record]:
    if sheet.start is None:
        return
    first_row, first_column = sheet.start
    for line, values in enumerate(sheet.iter_rows(), first_row + 1):
        flags: list[tuple[str, dict[str, Any]]] = []
        cells = [""] * first_column
        for at, value in enumerate(values, first_column):
            text = value.replace("\0", "") if type(value) is str else _text(value)
            if isinstance(value, float) and len(text.lstrip("-")) > 15 and "." not in text:
                flags.append(("long_number", {"column": column_letters(at)}))
            cells.append(text)
        while cells and not cells[-1]:
            cells.pop()
        yield line, cells, flags


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return whole_text(value) if math.isfinite(value) else ""
    if isinstance(value, timedelta):
        return clock_text(round(value.total_seconds()))
    if isinstance(value, datetime):
        return value.replace(microsecond=0).isoformat(" ").removesuffix(" 00:00:00")
    if isinstance(value, time):
        return value.replace(microsecond=0).isoformat()
    return value.isoformat() if isinstance(value, date) else ""
