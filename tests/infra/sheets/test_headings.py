"""Which row is taken for the headings, without knowing any field."""

import pytest

from crm.infra.sheets import Inspection, Note, Sheet
from crm.infra.sheets.headings import guess_heading

NAMES = ["名称", "电话", "邮箱", "金额"]
DATA = [[f"公司{i}", f"1380000{i:04d}", f"a{i}@example.cn", f"{i}.5"] for i in range(20)]


def guess(*rows: list[str], ragged: bool = False) -> int:
    return guess_heading(list(enumerate(rows, 1)), ragged=ragged)


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ([NAMES, *DATA], 1),
        ([["注意事项：红色为必填项"], NAMES, *DATA], 2),
        ([["2024 customers"], ["made by", "me"], NAMES, *DATA], 3),
        (DATA, 0),
        ([["Anna", "Berg", "Bonn", "x"], *[["Emil", "Frey", "Köln", "y"]] * 9], 1),
        ([["region", "2020", "2021", "2022"], *[["north", "1", "2", "3"]] * 5], 1),
        ([["cohort", "0", "1", "2", "3"], *[["a", "9", "7", "4", "2"]] * 5], 1),
        ([["1", "english"], ["2", "中国人"], ["3", "german"]], 0),
        ([["名称", "电话"]], 1),
        ([["year"], ["2001"], ["2002"]], 1),
        ([["a@example.cn", "Anna"], ["b@example.cn", "Berta"]], 0),
        ([], 0),
    ],
)
def test_headings(rows, line):
    assert guess(*rows) == line


def test_in_a_text_file_a_row_of_another_length_is_no_heading():
    rows = [["made as new table", "by someone", "on Friday"], ["cm", "A"], *[["1.5", "2.5"]] * 9]
    assert guess(*rows, ragged=True) == 2


def test_an_inspection_survives_json():
    import json

    found = Inspection(
        kind="xlsx",
        size=1,
        sheets=[Sheet("Data", None, 2, False)],
        heading_row=2,
        columns=3,
        sample=[(1, ["a", "b", "c"]), (2, ["d", ""]), (3, ["1", "2", "3"])],
        notes=[Note("no_headings", {})],
    )
    again = Inspection.from_dict(json.loads(json.dumps(found.to_dict())))
    assert again == found
    assert again.headings == ["d", "b", "c"]
