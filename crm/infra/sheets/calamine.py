"""The two jobs for the other workbooks (XLS, XLSB, ODS), by python-calamine, which reads a sheet at once."""

import contextlib
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
            found = _sheet(book, each.name, limits)
            samples[each.name] = first_rows(_records(found, limits), limits)
            width = max((len(cells) for _, cells in samples[each.name]), default=0)
            last = found.end[0] + 1 if found.end else 0
            sheets.append(Sheet(each.name, last, width, not str(each.visible).endswith(".Visible")))
    chosen = pick(sheets, samples, sheet)
    return sheet_inspection(kind, os.stat(path).st_size, sheets, chosen, samples[chosen.name])


def other_frames(path: str, inspection: Inspection, after: int, limits: Limits) -> Iterator[dict[str, Any]]:
    book = _open(path, limits)
    if inspection.sheet not in book.sheet_names:
        raise SheetError("missing_sheet", sheet=inspection.sheet)
    table = Table(inspection, after, limits)
    last = max(1, inspection.rows or 1)
    return table.frames(_records(_sheet(book, inspection.sheet, limits), limits), lambda: min(1.0, table.line / last))


@contextlib.contextmanager
def _sentences(limits: Limits) -> Iterator[None]:
    """What the library raises, panics of its Rust code among it, as SheetError."""
    from python_calamine import CalamineError, PasswordError

    try:
        yield
    except PasswordError as error:
        raise SheetError("encrypted") from error
    except (CalamineError, OSError, ValueError) as error:
        if "Cell limit exceeded" in str(error):
            raise SheetError("out_of_memory", limit=limits.memory_bytes // MB) from error
        raise SheetError("damaged") from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # not an Exception, and its class is not to be had
            raise SheetError("damaged") from error
        raise


def _open(path: str, limits: Limits) -> Any:
    from python_calamine import CalamineWorkbook

    with _sentences(limits):
        return CalamineWorkbook.from_path(path)


def _sheet(book: Any, name: str, limits: Limits) -> Any:
    with _sentences(limits):
        return book.get_sheet_by_name(name)


def _records(sheet: Any, limits: Limits) -> Iterator[Record]:
    if sheet.start is None:
        return
    with _sentences(limits):
        first_row, first_column = sheet.start
        for line, values in enumerate(sheet.iter_rows(), first_row + 1):
            yield line, *_cells(values, first_column)


def _cells(values: list[Any], first_column: int) -> tuple[list[str], list[tuple[str, dict[str, Any]]]]:
    flags: list[tuple[str, dict[str, Any]]] = []
    cells = [""] * first_column
    for at, value in enumerate(values, first_column):
        text = value.replace("\0", "") if type(value) is str else _text(value)
        if isinstance(value, float) and len(text.lstrip("-")) > 15 and "." not in text:
            flags.append(("long_number", {"column": column_letters(at)}))
        cells.append(text)
    while cells and not cells[-1]:
        cells.pop()
    return cells, flags


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
