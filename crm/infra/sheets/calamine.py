"""The two jobs for the other workbooks (XLS, XLSB, ODS), by python-calamine, which reads a sheet at once."""

import os
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from .errors import SheetError
from .formats import decimal_text
from .look import SAMPLE_ROWS, Sample, pick, sheet_inspection
from .model import Inspection, Limits, Sheet
from .sheetxml import Record, column_letters
from .table import Table


def inspect_other(path: str, kind: str, sheet: str, limits: Limits) -> Inspection:
    book = _open(path)
    samples: dict[str, Sample] = {}
    sheets: list[Sheet] = []
    for each in book.sheets_metadata:
        if str(each.typ).endswith("WorkSheet"):
            found = _sheet(book, each.name)
            sample = [(line, cells) for line, cells, _ in islice(_records(found, limits), SAMPLE_ROWS)]
            samples[each.name] = sample
            width = max((len(cells) for _, cells in sample), default=0)
            sheets.append(Sheet(each.name, found.total_height, width, not str(each.visible).endswith("Visible")))
    chosen = pick(sheets, samples, sheet)
    return sheet_inspection(kind, os.stat(path).st_size, sheets, chosen, samples[chosen.name], limits)


def other_frames(path: str, inspection: Inspection, after: int, limits: Limits) -> Iterator[dict[str, Any]]:
    book = _open(path)
    if inspection.sheet not in book.sheet_names:
        raise SheetError("missing_sheet", sheet=inspection.sheet)
    sheet = _sheet(book, inspection.sheet)
    height = max(1, sheet.height)
    done = 0

    def counted() -> Iterator[Record]:
        nonlocal done
        for done, record in enumerate(_records(sheet, limits), 1):
            yield record

    table = Table(inspection.heading_row, inspection.columns, after, False, limits)
    return table.frames(counted(), lambda: min(1.0, done / height))


def _open(path: str) -> Any:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        return CalamineWorkbook.from_path(path)
    except PasswordError as error:
        raise SheetError("encrypted") from error
    except (CalamineError, OSError, ValueError) as error:
        raise SheetError("damaged") from error


def _sheet(book: Any, name: str) -> Any:
    from python_calamine import CalamineError

    try:
        return book.get_sheet_by_name(name)
    except CalamineError as error:
        raise SheetError("damaged") from error


def _records(sheet: Any, limits: Limits) -> Iterator[Record]:
    if sheet.start is None:
        return
    first_row, first_column = sheet.start
    if sheet.end[1] >= limits.columns and sheet.width > limits.columns:
        raise SheetError("too_many_columns", line=first_row + 1, count=sheet.end[1] + 1, limit=limits.columns)
    for line, values in enumerate(sheet.iter_rows(), first_row + 1):
        flags: list[tuple[str, dict[str, Any]]] = []
        cells = [""] * first_column
        for at, value in enumerate(values, first_column):
            cells.append(value if type(value) is str else _text(value, at, flags))
        while cells and not cells[-1]:
            cells.pop()
        yield line, cells, flags


def _text(value: Any, at: int, flags: list[tuple[str, dict[str, Any]]]) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        if value != value or value in (float("inf"), float("-inf")):
            return ""
        if value == int(value):
            whole = str(int(value))
            if len(whole.lstrip("-")) > 15:
                flags.append(("long_number", {"column": column_letters(at)}))
            return whole
        return decimal_text(value)
    if isinstance(value, datetime):
        return value.replace(microsecond=0).isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.replace(microsecond=0).isoformat()
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}:{seconds % 60:02d}"
    return ""
