"""Tables to take away: typed, frozen, without formulas, on as many sheets as it takes, and read back as written."""

import datetime as dt
import json

import openpyxl

from crm.infra.sheets import (
    Cell,
    Column,
    SheetError,
    inspect,
    marked,
    write_csv_table,
    write_json_lines,
    write_xlsx_table,
)
from crm.infra.sheets.neutral import neutralised
from tests.infra.sheets.reading import Whole
from tests.infra.sheets.test_write import NASTY

COLUMNS = [
    Column("名称", width=40),
    Column("Count", Cell.NUMBER),
    Column("Amount", Cell.MONEY),
    Column("Day", Cell.DAY),
    Column("Moment", Cell.MOMENT),
]
ROWS = [
    ["公司", "-12.5", "2000.10", "2026-02-03", "2026-02-03 08:30:05"],
    ["=1+1", "12345678901234567890", "0.00", "1899-12-31", ""],
    ["", "", "", "", "2026-11-26 23:59:59"],
]


def batches(rows=ROWS, size=2):
    for at in range(0, len(rows), size):
        yield [list(cells) for cells in zip(*rows[at : at + size], strict=True)]


def last(count):
    return marked(7, f"{count} rows")


def test_a_workbook_has_typed_cells_frozen_headings_and_widths(tmp_path):
    assert write_xlsx_table(tmp_path / "a.xlsx", COLUMNS, batches(), last) == 3
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    first = [each.value for each in sheet[2]]
    assert first == ["公司", -12.5, 2000.1, dt.datetime(2026, 2, 3), dt.datetime(2026, 2, 3, 8, 30, 5)]
    assert [each.is_date for each in sheet[2]] == [False, False, False, True, True]
    assert sheet["C2"].number_format == "#,##0.00"
    assert [each.value for each in sheet[3]][1:4] == ["12345678901234567890", 0, "1899-12-31"], "as text, not wrongly"
    assert (sheet["A3"].value, sheet["A3"].data_type, sheet["A3"].quotePrefix) == ("=1+1", "s", True)
    assert sheet.freeze_panes == "A2" and sheet["A1"].font.bold
    assert sheet.column_dimensions["A"].width == 40
    assert sheet["A5"].value == "※ 3 rows (crm-export 7)"


def test_what_a_sheet_cannot_hold_goes_on_in_the_next(tmp_path):
    rows = [[str(n), str(n), "", "", ""] for n in range(10)]
    assert write_xlsx_table(tmp_path / "a.xlsx", COLUMNS, batches(rows, 4), last, most=4) == 10
    sheets = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets
    found = [[row[0] for row in sheet.iter_rows(values_only=True)] for sheet in sheets]
    assert [each[0] for each in found] == ["名称"] * 4
    assert [text for each in found for text in each[1:]] == [*map(str, range(10)), "※ 10 rows (crm-export 7)"]
    assert all(sheet.freeze_panes == "A2" for sheet in sheets)


def test_every_format_is_read_back(tmp_path):
    write_xlsx_table(tmp_path / "a.xlsx", COLUMNS, batches(), last)
    write_csv_table(tmp_path / "a.csv", COLUMNS, batches(), last)
    write_csv_table(tmp_path / "gb.csv", COLUMNS, batches(), last, "gb18030")
    as_json = [Column(json.dumps(each.heading), Cell.JSON) for each in COLUMNS]
    told = [[json.dumps(text) if text else "null" for text in row] for row in ROWS]
    write_json_lines(tmp_path / "a.jsonl", as_json, batches(told), lambda count: json.dumps({"": last(count)}))
    for name in ("a.xlsx", "a.csv", "gb.csv", "a.jsonl"):
        whole = Whole(tmp_path / name)
        assert whole.inspection.headings == [each.heading for each in COLUMNS], name
        found = [[*row, "", "", "", ""][:5] for row in whole.rows]
        plain = [text.replace("2000.10", "2000.1").replace("0.00", "0") for row in ROWS for text in row]
        assert [text.replace("2000.10", "2000.1").replace("0.00", "0") for row in found[:3] for text in row] == plain
        assert (len(found), whole.blank) == (3, 1), "the line that says whose it is is no row"
        assert not any("※" in cell for _, cells in whole.inspection.sample for cell in cells)
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert "名称".encode("gb18030") in (tmp_path / "gb.csv").read_bytes()


def test_no_cell_of_a_csv_file_is_a_formula_and_each_is_read_back(tmp_path):
    columns = [Column("n"), Column("text")]
    rows = [[str(n), text] for n, text in enumerate(NASTY)]
    write_csv_table(tmp_path / "a.csv", columns, batches(rows, 5), lambda count: "")
    assert [row[1] for row in Whole(tmp_path / "a.csv").rows] == NASTY
    written = (tmp_path / "a.csv").read_text(encoding="utf-8-sig")
    assert neutralised("=1+1") == "'=1+1" and ",'=1+1" in written


def test_a_line_that_is_no_object_stops_the_reading_with_its_number(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"a": 1}\n[2]\n')
    try:
        inspect(tmp_path / "a.jsonl", filename="a.jsonl")
    except SheetError as error:
        assert (error.code, error.params["line"]) == ("bad_json", 2)
    else:
        raise AssertionError("It was read.")


def test_json_numbers_lists_and_truth_are_read_as_words(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"n":1.50,"l":["a","b"],"t":true,"x":null}\n\n{"n":2,"more":"?"}\n')
    whole = Whole(tmp_path / "a.jsonl")
    assert whole.inspection.headings == ["n", "l", "t", "x", "more"]
    assert whole.rows == [["1.50", "a, b", "yes", "", ""], ["2", "", "", "", "?"]]
    assert [line for line, _ in whole.lines] == [2, 4]
