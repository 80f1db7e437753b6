"""Files people download: no cell becomes a formula, and reading one back gives what was written."""

import json
import re

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from crm.infra.sheets import write_csv, write_xlsx
from crm.infra.sheets.neutral import neutralised
from tests.infra.sheets.reading import Whole

NASTY = [
    "=1+1",
    "+SUM(A1:A9)",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "＝1+1",
    "\n=1+1",
    "'=already",
    "''@twice",
    "'quoted'",
    "-5",
    "+8613800138000",
    "-1,234.50",
    "_x0041_",
    "a\x0bb\x1f",
    'say "hi", then\ngo',
    "😀 客户",
    '=HYPERLINK("http://x.example","x")',
]
PLAIN = re.compile(r"[+-]\d[\d ().,/-]*$")


def _nasty_of_others(shared_data) -> list[str]:
    folder = shared_data / "bad_input"
    found = json.loads((folder / "blns.json").read_text(encoding="utf-8"))
    for name in ("csv_injection.txt", "xss_250.txt", "sqli_generic.txt"):
        found += (folder / name).read_text(encoding="utf-8").splitlines()
    return found


def _as_kept(text: str) -> str:
    """NUL is the one character no table keeps."""
    return text.replace("\0", "")


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_what_is_written_is_read_back(tmp_path, write):
    path = tmp_path / f"failed.{write.__name__[6:]}"
    assert write(path, ["n", "text", "reason"], ([str(i), text, "why"] for i, text in enumerate(NASTY))) == len(NASTY)
    assert [row[1] for row in Whole(path).rows] == NASTY


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_bad_input_of_others_is_read_back(tmp_path, write, shared_data):
    texts = _nasty_of_others(shared_data)
    assert len(texts) > 1000
    path = tmp_path / f"failed.{write.__name__[6:]}"
    write(path, ["n", "text", "reason"], ([str(i), text, "why"] for i, text in enumerate(texts)))
    assert [row[1] for row in Whole(path).rows] == [_as_kept(text) for text in texts]


def test_no_cell_of_a_csv_file_begins_like_a_formula():
    for text in NASTY:
        cell = neutralised(text)
        assert cell[0] not in "=+-@＝＋－＠\t\r\n" or PLAIN.match(cell), text
    assert neutralised("-5") == "-5"
    assert neutralised("+8613800138000") == "+8613800138000"


def test_every_cell_of_a_workbook_is_text(tmp_path):
    write_xlsx(tmp_path / "a.xlsx", ["text"], [[text] for text in NASTY])
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert {cell.data_type for (cell,) in sheet.iter_rows()} <= {"s", "inlineStr"}
    quoted = {cell.value for (cell,) in sheet.iter_rows(min_row=2) if cell.quotePrefix}
    assert {text for text in NASTY if text.startswith("=")} <= quoted
    theirs = CalamineWorkbook.from_path(tmp_path / "a.xlsx").get_sheet_by_index(0).to_python()
    assert theirs[1:4] == [[text] for text in NASTY[:3]]


def test_excel_can_tell_the_encoding(tmp_path):
    write_csv(tmp_path / "a.csv", ["名称"], [["上海"]])
    assert (tmp_path / "a.csv").read_bytes() == b"\xef\xbb\xbf" + "名称\r\n上海\r\n".encode()
