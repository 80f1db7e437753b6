"""Files people download (failed rows, templates): text that no spreadsheet program takes for a formula.

CSV has no types, so see neutral.py. In XLSX every cell is typed as text, which needs no change to it.
"""

import csv
import os
import re
import zipfile
from collections.abc import Iterable, Sequence
from html import escape

from .neutral import looks_like_formula, neutralised

UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\r\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")

_MOST_CHARS = 32_767

Path = str | os.PathLike[str]
Rows = Iterable[Sequence[str]]


def write_csv(path: Path, headings: Sequence[str], rows: Rows) -> int:
    """UTF-8 with byte order mark and CRLF, which Excel opens as it should. Returns the number of rows."""
    count = 0
    with open(path, "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(map(neutralised, headings))
        for row in rows:
            writer.writerow(map(neutralised, row))
            count += 1
    return count


_RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_RELS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELS}">'
    '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_RELS}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_RELS}/styles" Target="styles.xml"/></Relationships>',
    # Style 1: bold; 2: text; 3: text with the apostrophe mark, so that editing a cell does not make it a formula.
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="4">'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" quotePrefix="1"/>'
    '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}


def write_xlsx(path: Path, headings: Sequence[str], rows: Rows) -> int:
    """One sheet of text cells, the heading row bold and frozen, written as it comes: memory does not grow with rows."""
    count = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        for name, body in _PARTS.items():
            archive.writestr(name, _HEAD + body)
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(
                f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
                '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
                f"<sheetData>{_row(1, headings, 1)}".encode()
            )
            for count, row in enumerate(rows, 1):
                sheet.write(_row(count + 1, row, 2).encode())
            sheet.write(b"</sheetData></worksheet>")
    return count


def _row(number: int, cells: Sequence[str], style: int) -> str:
    body = "".join(
        f'<c r="{_column(at)}{number}" s="{3 if style == 2 and looks_like_formula(cell) else style}" t="inlineStr">'
        f'<is><t xml:space="preserve">{escaped(cell)}</t></is></c>'
        for at, cell in enumerate(cells)
        if cell
    )
    return f'<row r="{number}">{body}</row>'


def escaped(text: str) -> str:
    """XML text, at most as long as a cell may be; characters XML cannot hold as _xHHHH_, as spreadsheet programs do."""
    text = UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text[:_MOST_CHARS])
    return escape(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"), quote=False)


def _column(at: int) -> str:
    letters = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
