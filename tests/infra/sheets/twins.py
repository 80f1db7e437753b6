"""Files of our own making that stand in for the ones only the workshop has: the same shapes, invented content."""

import csv
import gzip
import io
import zipfile
from pathlib import Path

import openpyxl

HEADINGS = ["客户名称", "统一社会信用代码", "成立日期", "手机", "备注"]
ROWS = [
    [
        f"上海示例{'甲乙丙丁戊己庚辛'[i % 8]}科技有限公司{i}",
        f"91310000MA1{i:07d}",
        f"2020-{i % 12 + 1:02d}-{i % 28 + 1:02d}",
    ]
    + [f"138{i:08d}", ["联系人：王经理，周一至周五", '"老客户"，可赊账', "", "第一行\n第二行"][i % 4]]
    for i in range(60)
]


def text(encoding: str, *, delimiter: str = ",", end: str = "\r\n", rows: list[list[str]] | None = None) -> bytes:
    """The table as delimited text."""
    out = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if end == "\r" else csv.QUOTE_MINIMAL  # the writer overlooks a line feed there
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerow(HEADINGS)
    writer.writerows(ROWS if rows is None else rows)
    return out.getvalue().encode(encoding)


TEXTS = {
    "gb18030": text("gb18030"),
    "gbk-lf": text("gbk", end="\n"),
    "utf-8": text("utf-8", end="\n"),
    "utf-8-bom-crlf": text("utf-8-sig"),
    "utf-16-bom": text("utf-16"),
    "utf-16-le": text("utf-16-le"),
    "utf-16-be": text("utf-16-be"),
    "semicolon": text("utf-8", delimiter=";"),
    "tab": text("gb18030", delimiter="\t"),
    "pipe": text("utf-8", delimiter="|"),
    "caret": text("utf-8", delimiter="^"),
    "lone-returns": text("utf-8", end="\r"),
}

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
SHEET_HEAD = f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{_MAIN}">'


def package(sheet: str | bytes, *, styles: str = "", strings: str = "", book: str = "") -> bytes:
    """A workbook of one sheet whose XML is given; `sheet` is what stands inside <worksheet>, or all of the part."""
    if isinstance(sheet, str) and not sheet.startswith("<?xml"):
        sheet = f"{SHEET_HEAD}{sheet}</worksheet>"
    parts = {
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE_RELS}">'
        f'<Relationship Id="r1" Type="{_RELS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELS}">{book}'
        '<sheets><sheet name="Data" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE_RELS}">'
        f'<Relationship Id="r1" Type="{_RELS}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{_RELS}/styles" Target="styles.xml"/>'
        f'<Relationship Id="r3" Type="{_RELS}/sharedStrings" Target="/xl/sharedStrings.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}">{styles}</styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}">{strings}</sst>',
        "xl/worksheets/sheet1.xml": sheet,
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return out.getvalue()


def styles(*codes: str) -> str:
    """Cell styles 1, 2, … with these number formats; style 0 is General."""
    formats = "".join(f'<numFmt numFmtId="{200 + at}" formatCode="{code}"/>' for at, code in enumerate(codes))
    used = "".join(f'<xf numFmtId="{200 + at}"/>' for at in range(len(codes)))
    return f'<numFmts>{formats}</numFmts><cellXfs><xf numFmtId="0"/>{used}</cellXfs>'


def inline(rows: list[list[str]]) -> str:
    """<sheetData> of inline strings, without cell references."""
    cells = ("".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in row) for row in rows)
    return f"<sheetData>{''.join(f'<row>{row}</row>' for row in cells)}</sheetData>"


def notes_row(path: Path) -> None:
    """A template as Chinese products write it: a merged cell of notes, headings, rows; and a hidden sheet."""
    book = openpyxl.Workbook()
    hidden = book.active
    hidden.title = "字典"
    hidden.sheet_state = "hidden"
    for each in [["行业", "代码"], ["农业", "A"], ["采矿业", "B"]]:
        hidden.append(each)
    sheet = book.create_sheet("客户")
    sheet.append(["注意事项：1、表头标“*”的红色字体为必填项；2、手机号码须为11位数字；3、日期格式为 2020-01-01"])
    sheet.merge_cells("A1:E1")
    sheet.append(["*" + HEADINGS[0], *HEADINGS[1:]])
    for row in ROWS:
        sheet.append(row)
    book.active = 1
    book.save(path)


HOSTILE = {
    "empty.csv": lambda: b"",
    "blank.csv": lambda: b"\xef\xbb\xbf\r\n , \r\n\r\n",
    "empty.xlsx": lambda: package("<sheetData/>"),
    "headings-only.csv": lambda: text("utf-8", rows=[]),
    "picture.csv": lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
    "document.xlsx": lambda: packed({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}),
    "page.xls": lambda: b"<html><body><table><tr><td>a</td></tr></table></body></html>",
    "two-files.csv": lambda: packed({"a.csv": b"a,b\n1,2\n", "b.csv": b"a,b\n3,4\n"}),
    "encrypted.xlsx": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le"),
    "not-really.xls": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096),
    "cut-off.xlsx": lambda: package(inline([HEADINGS, *ROWS]))[:-200],
    "cut-off.csv.gz": lambda: gzip.compress(text("utf-8"))[:-20],
    "broken-xml.xlsx": lambda: package(inline([HEADINGS, *ROWS]).replace("</sheetData>", "</oops>")),
    "zip-bomb.xlsx": lambda: package(f"{SHEET_HEAD}<sheetData>".encode() + bytes(100 << 20)),
    "zip-bomb.csv": lambda: packed({"a.csv": b"a,b\n" + b"1,2\n" * (25 << 20)}),
    "entity-bomb.xlsx": lambda: package(
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        f'<worksheet xmlns="{_MAIN}"><sheetData><row><c t="str"><v>&b;</v></c></row></sheetData></worksheet>'
    ),
    "outside-entity.xlsx": lambda: package(
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
        f'<worksheet xmlns="{_MAIN}"><sheetData><row><c t="str"><v>&a;</v></c></row></sheetData></worksheet>'
    ),
    "far-cell.xlsx": lambda: package(
        '<sheetData><row r="1"><c r="A1" t="str"><v>a</v></c><c r="XFD1" t="str"><v>z</v></c></row></sheetData>'
    ),
    "million-columns.csv": lambda: b",".join([b"a"] * 1_000_000) + b"\n" + b",".join([b"1"] * 1_000_000) + b"\n",
    "one-long-line.csv": lambda: b"a,b\n" + b"x" * (9 << 20) + b"\n",
    "repeated-cells.ods": lambda: _ods(_repeated(1_048_576, 16_384)),
    "repeated-rows.ods": lambda: _ods(_repeated(6_000, 16_000)),
}

HARMLESS = {
    "liar.xlsx": lambda: package(
        '<dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1" t="str"><v>a</v></c><c r="B1" t="str"><v>b</v>'
        '</c></row><row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData>'
    ),
    "merges.xlsx": lambda: package(
        inline([HEADINGS, *ROWS])
        + '<mergeCells count="50000">'
        + "".join(f'<mergeCell ref="F{i}:G{i}"/>' for i in range(1, 50_001))
        + "</mergeCells>"
    ),
    "nul.csv": lambda: b"a,b\n1,x\x00y\n2,\x00\n",
    "open-quote.csv": lambda: b'a,b\n1,"never closed\n' + b"2,two\n" * 50_000,
}


def packed(parts: dict[str, bytes]) -> bytes:
    """A zip archive of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return out.getvalue()


def _repeated(rows: int, columns: int) -> str:
    return (
        f'<table:table-row table:number-rows-repeated="{rows}"><table:table-cell office:value-type="string" '
        f'table:number-columns-repeated="{columns}"><text:p>x</text:p></table:table-cell></table:table-row>'
    )


def _ods(rows: str) -> bytes:
    office = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<office:document-content xmlns:office="{office}:office:1.0" xmlns:table="{office}:table:1.0" '
        f'xmlns:text="{office}:text:1.0"><office:body><office:spreadsheet><table:table table:name="S">{rows}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    mime = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        f'<manifest:manifest xmlns:manifest="{office}:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{mime}"/></manifest:manifest>'
    )
    parts = {"mimetype": mime, "META-INF/manifest.xml": manifest, "content.xml": content}
    return packed({name: body.encode() for name, body in parts.items()})
