"""A workbook with typed cells, written as it comes: headings frozen, as many sheets as it takes."""

import zipfile
from collections.abc import Iterable, Sequence

from .bookcells import CELLS
from .sheetxml import column_letters
from .tables import Batch, Cell, Column, Last, Path
from .write import escaped

SHEET_ROWS = 1_048_576  # of one sheet, the headings among them
_RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# Styles: 1 heading, 2 text, 3 text marked so that editing makes no formula of it, 4 number, 5 amount, 6 day, 7 moment.
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="8">'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" quotePrefix="1"/>'
    + "".join(
        f'<xf numFmtId="{each}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        for each in (0, 4, 164, 165)
    )
    + '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def write_xlsx_table(
    path: Path, columns: Sequence[Column], batches: Iterable[Batch], last: Last, most: int = SHEET_ROWS
) -> int:
    """Headings bold and frozen on every sheet; what one cannot hold goes on in the next."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        book = _Book(archive, columns, most)
        try:
            for batch in batches:
                book.add(batch)
            count = book.count
            if words := last(count):
                book.add([[words], *[[""]] * (len(columns) - 1)], plain=True)
        finally:  # whatever the batches raise is to be what is heard of
            book.close()
    return count


class _Book:
    def __init__(self, archive: zipfile.ZipFile, columns: Sequence[Column], most: int) -> None:
        self.archive, self.columns, self.most = archive, columns, most
        self.count = self.sheets = 0
        self._begin()

    def add(self, batch: Batch, *, plain: bool = False) -> None:
        """`plain`: whatever the columns hold, this is text."""
        length = len(batch[0])
        if self.row + length > self.most:
            fits = self.most - self.row
            if fits:
                self.add([cells[:fits] for cells in batch], plain=plain)
            self._end()
            self._begin()
            self.add([cells[fits:] for cells in batch], plain=plain)
            return
        first = self.row + 1
        cells = [
            CELLS[Cell.TEXT if plain else each.cell](column_letters(at), first, texts)
            for at, (each, texts) in enumerate(zip(self.columns, batch, strict=True))
        ]
        rows = (f'<row r="{number}">{"".join(row)}</row>' for number, row in enumerate(zip(*cells, strict=True), first))
        self.sheet.write("".join(rows).encode())
        self.row += length
        self.count += length

    def _begin(self) -> None:
        self.sheets += 1
        self.row = 1
        self.sheet = self.archive.open(f"xl/worksheets/sheet{self.sheets}.xml", "w", force_zip64=True)
        widths = "".join(
            f'<col min="{at}" max="{at}" width="{each.width}" customWidth="1"/>'
            for at, each in enumerate(self.columns, 1)
        )
        headings = "".join(
            f'<c r="{column_letters(at)}1" s="1" t="inlineStr"><is><t xml:space="preserve">{escaped(each.heading)}</t>'
            "</is></c>"
            for at, each in enumerate(self.columns)
        )
        self.sheet.write(
            f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
            '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
            f'<cols>{widths}</cols><sheetData><row r="1">{headings}</row>'.encode()
        )

    def _end(self) -> None:
        self.sheet.write(b"</sheetData></worksheet>")
        self.sheet.close()

    def close(self) -> None:
        self._end()
        for name, body in _parts(self.sheets).items():
            self.archive.writestr(name, _HEAD + body)


def _parts(sheets: int) -> dict[str, str]:
    numbers = range(1, sheets + 1)
    relation = f'<Relationship Id="rId%s" Type="{_RELS}/%s" Target="%s"/>'
    related = [relation % (n, "worksheet", f"worksheets/sheet{n}.xml") for n in numbers]
    related.append(relation % (sheets + 1, "styles", "styles.xml"))
    return {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
        + "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPE}.worksheet+xml"/>' for n in numbers
        )
        + "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        + relation % (1, "officeDocument", "xl/workbook.xml")
        + "</Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELS}"><sheets>'
        + "".join(f'<sheet name="Sheet{n}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{"".join(related)}'
        "</Relationships>",
        "xl/styles.xml": _STYLES,
    }
