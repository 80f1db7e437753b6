"""Workbooks: what cells become, which sheet and row are chosen, and packages that are odd but right."""

import datetime

import openpyxl
import pytest

from crm.infra.sheets import SheetError, write_xlsx
from crm.infra.sheets.formats import classify, number_text
from crm.infra.sheets.sheetxml import column_letters, column_number
from tests.infra.sheets import twins
from tests.infra.sheets.reading import Whole, whole


def test_a_workbook_gives_the_rows_of_its_text_twins(tmp_path):
    write_xlsx(tmp_path / "a.xlsx", twins.HEADINGS, twins.ROWS)
    found = Whole(tmp_path / "a.xlsx")
    assert found.inspection.headings == twins.HEADINGS
    assert found.rows == twins.ROWS


def test_notes_above_the_headings_and_a_hidden_sheet_are_passed_over(tmp_path):
    twins.notes_row(tmp_path / "a.xlsx")
    found = Whole(tmp_path / "a.xlsx")
    assert found.inspection.sheet == "客户"
    assert [(sheet.name, sheet.hidden) for sheet in found.inspection.sheets] == [("字典", True), ("客户", False)]
    assert found.inspection.heading_row == 2
    assert found.inspection.headings == ["*客户名称", *twins.HEADINGS[1:]]
    assert found.rows == twins.ROWS
    assert found.lines[0][0] == 3
    hidden = Whole(tmp_path / "a.xlsx", sheet="字典")
    assert hidden.rows == [["农业", "A"], ["采矿业", "B"]]
    with pytest.raises(SheetError, match="no sheet named"):
        Whole(tmp_path / "a.xlsx", sheet="nowhere")


def test_templates_of_a_chinese_product(shared_data):
    from crm.infra.sheets import inspect

    for path in (shared_data / "import_headings/templates").glob("*.xlsx"):
        found = inspect(path, filename=path.name)
        assert found.heading_row == 2
        assert found.headings[0].startswith("*")
        assert {"above_headings", "no_rows"} <= {note.code for note in found.notes}


def test_cells_become_the_text_a_person_sees(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["phone", "code", "sum", "date", "moment", "time", "long", "true", "empty", "note"])
    sheet.append(
        [13800138000.0, "00123", 4.9000000000000004, datetime.date(2024, 2, 29), datetime.datetime(2024, 2, 29, 13, 5)]
        + [datetime.time(8, 30), datetime.timedelta(hours=30), True, None, "a_x000D_b"]
    )
    book.save(tmp_path / "a.xlsx")
    cells = Whole(tmp_path / "a.xlsx").rows[0]
    assert cells == (
        ["13800138000", "00123", "4.9", "2024-02-29", "2024-02-29 13:05:00", "08:30:00", "30:00:00", "TRUE", ""]
        + ["a\rb"]
    )


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        ("1", "yyyy-mm-dd", "1900-01-01"),
        ("59", "yyyy-mm-dd", "1900-02-28"),
        ("61", "yyyy-mm-dd", "1900-03-01"),
        ("45352", 'yyyy"年"m"月"d"日"', "2024-03-01"),
        ("45352", "[$-804]yyyy年m月d日;@", "2024-03-01"),
        ("45352.75", "m/d/yy h:mm AM/PM", "2024-03-01 18:00:00"),
        ("45352.75", "yyyy/m/d", "2024-03-01"),
        ("0.5", "h:mm", "12:00:00"),
        ("0.99999999", "h:mm:ss", "24:00:00"),
        ("1.25", "[h]:mm:ss", "30:00:00"),
        ("-0.5", "[h]:mm:ss", "-12:00:00"),
        ("-1", "yyyy-mm-dd", "-1"),
        ("2958466", "yyyy-mm-dd", "2958466"),
        ("45352", '[Red]"day"0.00', "45352"),
        ("0.155", "0.0%", "0.155"),
        ("12345", "000000", "012345"),
        ("1.3800138E10", "General", "13800138000"),
        ("1E-7", "General", "0.0000001"),
        ("0.30000000000000004", "General", "0.3"),
        ("-12.50", "General", "-12.5"),
        ("1e400", "General", ""),
        ("oops", "General", "oops"),
    ],
)
def test_numbers_by_their_format(value, code, text):
    if text == "24:00:00":
        text = "1900-01-01"  # rounds up to the next day
    assert number_text(value, classify(code), False) == (text, False)


def test_numbers_too_long_for_a_workbook_are_said_to_be_damaged(tmp_path):
    found = whole(
        tmp_path,
        "a.xlsx",
        twins.package('<sheetData><row r="1"><c r="A1" t="str"><v>id</v></c><c r="B1" t="str"><v>n</v></c></row>'
        '<row r="2"><c r="A2"><v>1.10101199003074E+17</v></c><c r="B2"><v>123456789012345</v></c></row></sheetData>'),
    )  # fmt: skip
    assert found.rows == [["110101199003074000", "123456789012345"]]
    assert [(flag.line, flag.code, flag.params) for flag in found.flags] == [(2, "long_number", {"column": "A"})]


def test_error_cells_are_empty_and_said(tmp_path):
    sheet = (
        '<sheetData><row r="1"><c r="A1" t="str"><v>a</v></c><c r="B1" t="str"><v>b</v></c></row>'
        '<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c></row></sheetData>'
    )
    found = whole(tmp_path, "a.xlsx", twins.package(sheet))
    assert found.rows == [["1", ""]]
    assert found.flags[0].message_id % found.flags[0].params == "Column B holds the error #DIV/0!; it is read as empty."


def test_dates_of_1904(tmp_path):
    sheet = (
        '<sheetData><row r="1"><c r="A1" t="str"><v>day</v></c></row>'
        '<row r="2"><c r="A2" s="1"><v>0</v></c></row><row r="3"><c r="A3" s="1"><v>42735</v></c></row></sheetData>'
    )
    package = twins.package(sheet, styles=twins.styles("yyyy-mm-dd"), book='<workbookPr date1904="1"/>')
    found = whole(tmp_path, "a.xlsx", package)
    assert found.rows == [["1904-01-01"], ["2021-01-01"]]
    assert "date_1904" in [note.code for note in found.inspection.notes]


def test_known_dates_of_others(shared_data):
    folder = shared_data / "xlsx_torture/files"
    assert [row[0] for row in Whole(folder / "calamine__date_1904.xlsx").rows[:2]] == ["2021-01-01", "2021-01-02"]
    assert [row[1] for row in Whole(folder / "qsv__excel-1904-epoch.xlsx").rows] == ["2024-01-15", "2020-07-04"]
    for row in Whole(folder / "sheetjs__1900.xlsx").rows:
        assert "1900-01-01" <= row[2] <= "1930-06-02"
    assert [row[0] for row in Whole(folder / "frictionless__cast-int-to-string-issue-1251.xlsx").rows] == ["001", "002"]


def test_rows_left_out_are_blank_rows(tmp_path):
    found = whole(tmp_path, "a.xlsx", twins.HARMLESS["liar.xlsx"]())
    assert found.lines == [(1_048_576, ["1", ""])]
    assert found.totals == (1, 1_048_574, 0, 1_048_576)
    assert found.inspection.rows == 1_048_576


def test_odd_but_right_packages(tmp_path):
    prefixed = twins.SHEET_HEAD.replace("xmlns=", "xmlns:x=").replace("<worksheet", "<x:worksheet")
    body = '<x:c r="B1" t="s"><x:v>1</x:v></x:c><x:c r="A1" t="s"><x:v>0</x:v></x:c>'
    sheet = (
        f'{prefixed}<x:sheetData><x:row r="1">{body}</x:row><x:row><x:c t="inlineStr"><x:is><x:r><x:t>one</x:t></x:r>'
        "<x:r><x:t> two</x:t></x:r><x:rPh><x:t>no</x:t></x:rPh></x:is></x:c><x:c t='b'><x:v>0</x:v></x:c></x:row>"
        + '<x:row r="1"><x:c r="A1"><x:v>3</x:v></x:c><x:c r="B1"><x:v>4</x:v></x:c></x:row>' * 3
        + "</x:sheetData></x:worksheet>"
    )
    strings = "<si><t>first</t><rPh><t>no</t></rPh></si><si><r><t>sec</t></r><r><t>ond_x0041_</t></r></si>"
    found = whole(tmp_path, "a.xlsx", twins.package(sheet, strings=strings))
    assert found.inspection.sample[0] == (1, ["first", "secondA"])
    assert found.inspection.sample[1] == (2, ["one two", "FALSE"])
    assert found.lines[-3:] == [(line, ["3", "4"]) for line in (3, 4, 5)]
    assert found.codes == [(line, "row_order") for line in (3, 4, 5)]


def test_headings_in_two_rows_are_joined_where_the_lower_is_empty(tmp_path):
    rows = [["客户", "联系方式", "", "备注"], ["", "电话", "邮箱", ""]]
    rows += [[f"公司{i}", f"1380000{i:04d}", f"a{i}@example.cn", "好"] for i in range(10)]
    write_xlsx(tmp_path / "a.xlsx", rows[0], rows[1:])
    found = Whole(tmp_path / "a.xlsx")
    assert found.inspection.headings == ["客户", "电话", "邮箱", "备注"]
    assert found.totals.rows == 10


def test_columns_are_named_as_in_a_spreadsheet():
    assert [column_letters(at) for at in (0, 25, 26, 16_383)] == ["A", "Z", "AA", "XFD"]
    assert all(column_number(column_letters(at)) == at + 1 for at in range(800))


def test_other_kinds_are_read_by_calamine(shared_data):
    found = Whole(shared_data / "import_headings/templates/odoo_res_partner.xls")
    assert (found.inspection.kind, found.totals.rows, found.inspection.headings[0]) == ("xls", 8, "Name")
    found = Whole(shared_data / "xlsx_torture/files/sheetjs__1904.xls")
    assert [row[2] for row in found.rows][1:] == [row[3] for row in found.rows][1:]
