"""Small workbooks of several sheets, made for one answer."""

import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from crm.kernel.text import clean

_WIDTH = 24
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def workbook(sheets: Iterable[tuple[str, list[str], Iterator[list[Any]]]]) -> IO[bytes]:
    """(title, headings, rows) of each; a file without a name, closed by whoever sends it."""
    book = Workbook(write_only=True)
    for title, headings, rows in sheets:
        sheet = book.create_sheet(title)
        sheet.freeze_panes = "A2"
        for at in range(len(headings)):
            sheet.column_dimensions[chr(ord("A") + at)].width = _WIDTH
        heads = [WriteOnlyCell(sheet, each) for each in headings]
        for each in heads:
            each.font = Font(bold=True)
        sheet.append(heads)
        for row in rows:
            sheet.append([_cell(sheet, each) for each in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115  # closed by the server once it is sent
    book.save(file)
    file.seek(0)
    return file


def _cell(sheet: Any, value: Any) -> Any:
    """What looks like a formula stays a text."""
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, clean(value, lines=True))
    if value.startswith(_FORMULA):
        cell.data_type = "s"
    return cell
