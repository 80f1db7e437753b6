"""Delimited text: encodings, separators, quotation marks, line ends, and rows that do not fit."""

import csv
import gzip
import io
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.infra.sheets import SheetError
from crm.infra.sheets.csvfile import read_records
from crm.infra.sheets.dialect import Dialect, guess_dialect
from crm.infra.sheets.encoding import plausible
from crm.infra.sheets.model import Limits
from crm.infra.sheets.text import Text
from tests.infra.sheets import twins
from tests.infra.sheets.reading import Whole, whole


@pytest.mark.parametrize("name", twins.TEXTS)
def test_every_twin_gives_the_same_rows(tmp_path, name):
    found = whole(tmp_path, "a.csv", twins.TEXTS[name])
    assert found.inspection.headings == twins.HEADINGS
    assert [[cell.replace("\r\n", "\n") for cell in row] for row in found.rows] == twins.ROWS
    assert not found.flags
    assert found.totals.rows == 60


def test_files_of_real_companies_are_identical_in_all_three_forms(shared_data):
    folder = shared_data / "cn_companies"
    forms = ["cn_companies_2000_gb18030.csv", "cn_companies_2000_utf8bom_crlf.csv", "cn_companies_2000.xlsx"]
    first, *others = (Whole(folder / name) for name in forms)
    assert first.totals.rows == 2000
    for other in others:
        assert other.inspection.headings == first.inspection.headings
        assert other.rows == first.rows


def test_csv_spectrum(shared_data):
    folder = shared_data / "csv_torture/csv-spectrum"
    truths = sorted(folder.glob("json/*.json"))
    assert len(truths) == 12
    for truth in truths:
        found = Whole(folder / f"{truth.stem}.csv")
        records = [dict(zip(found.inspection.headings, row, strict=True)) for row in found.rows]
        wanted = json.loads(truth.read_text(encoding="utf-8"))
        if truth.stem == "location_coordinates":  # its truth is one object, and has another phone number than the file
            wanted = [wanted | {"Contact Phone Number": records[0]["Contact Phone Number"]}]
        assert records == wanted, truth.stem


@pytest.mark.parametrize(
    ("words", "encoding", "found"),
    [
        ("李明，北京市朝阳区", "gb18030", "gb18030"),
        ("臺北市信義區松智路，陳經理", "big5", "cp950"),
        ("Année, Größe, naïve, señor", "cp1252", "cp1252"),
        ("Café", "cp1252", "cp1252"),
        ("客户名称", "gbk", "gb18030"),
    ],
)
def test_legacy_encodings_are_told_apart(words, encoding, found):
    assert plausible(f"name,note\nplain,{words}\nother,{words}\n".encode(encoding))[0] == found


def test_a_file_that_stops_being_utf8_late_is_found_out(tmp_path):
    plain = b"name,city\n" + b"Plain Company,London\n" * 100_000
    found = whole(tmp_path, "a.csv", plain + "上海示例有限公司,上海\n".encode("gb18030"))
    assert found.inspection.encoding == "gb18030"
    assert found.rows[-1] == ["上海示例有限公司", "上海"]


def test_single_bad_bytes_mark_their_row_and_no_other(tmp_path):
    content = "名称,城市\n" + "示例公司,上海\n" * 50
    found = whole(tmp_path, "a.csv", content.encode() + b"\xff\xfe broken,x\n" + "示例公司,上海\n".encode())
    assert found.inspection.encoding == "utf-8"
    assert found.codes == [(52, "bad_bytes")]
    assert found.rows[-1] == ["示例公司", "上海"]


def test_a_chosen_encoding_and_delimiter_win(tmp_path):
    found = whole(tmp_path, "a.csv", "имя;город\nИван;Москва\n".encode("cp1251"), encoding="cp1251", delimiter=";")
    assert found.inspection.headings == ["имя", "город"]
    assert found.rows == [["Иван", "Москва"]]
    with pytest.raises(SheetError, match="no character encoding"):
        whole(tmp_path, "a.csv", b"a,b\n1,2\n", encoding="klingon")


def test_a_guess_of_the_encoding_is_said_to_be_one(tmp_path):
    found = whole(tmp_path, "a.csv", "nom,ville\nRenée,Orléans\n".encode("cp1252"))
    assert found.rows == [["Renée", "Orléans"]]
    assert [note.code for note in found.inspection.notes] == ["encoding_guessed"]


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ('16/07,"17:00,3,"It rains, hard","b"\n', ["16/07", '"17:00', "3", "It rains, hard", "b"]),
        ('"旺角"餐厅,2,3,4,5\n', ['"旺角"餐厅', "2", "3", "4", "5"]),
        ('1,"a 9" rod, new",3,4,5\n', ["1", 'a 9" rod, new', "3", "4", "5"]),
        ('1,""https://x.example",3,4,5\n', ["1", '"https://x.example', "3", "4", "5"]),
        ('1,"he said "hi"\nand left",3,4,5\n', ["1", 'he said "hi"\nand left', "3", "4", "5"]),
    ],
)
def test_stray_quotation_marks_cost_one_row_nothing(tmp_path, line, cells):
    good = 'a,"b, c",d,e,f\n'
    found = whole(tmp_path, "a.csv", ("h1,h2,h3,h4,h5\n" + good * 5 + line + good * 5).encode())
    assert found.rows == [["a", "b, c", "d", "e", "f"]] * 5 + [cells] + [["a", "b, c", "d", "e", "f"]] * 5
    assert found.codes == [(7, "quotes_repaired")]
    assert found.lines[-1][0] == 11 + line.count("\n")


def test_an_open_quotation_mark_does_not_swallow_the_rest(tmp_path):
    found = whole(tmp_path, "a.csv", twins.HARMLESS["open-quote.csv"]())
    assert found.totals.rows == 50_001
    assert found.rows[0] == ["1", '"never closed']
    assert found.codes == [(2, "quotes_repaired")]


def test_rows_that_do_not_fit_are_flagged_and_kept(tmp_path):
    found = whole(tmp_path, "a.csv", b"a,b,c\n1,2,3\n1,2\n\n1,2,3,4\n,,\n1,2,3,\n1,2,3\n1,2,3\n")
    short, long = ["1", "2", ""], ["1", "2", "3", "4"]
    assert found.lines == [(2, ["1", "2", "3"]), (3, short), (5, long), (7, ["1", "2", "3", ""])] + [
        (line, ["1", "2", "3"]) for line in (8, 9)
    ]
    assert found.codes == [(3, "too_few_cells"), (5, "too_many_cells"), (7, "too_many_cells")]
    assert found.totals == (6, 2, 0, 9)


@pytest.mark.parametrize(
    ("content", "headings", "rows"),
    [
        (b"sep=;\r\na;b\r\n1,5;2\r\n", ["a", "b"], [["1,5", "2"]]),
        (b"a;b\n1,5;2,5\n3,5;4,5\n", ["a", "b"], [["1,5", "2,5"], ["3,5", "4,5"]]),
        (
            b'name, note, n\nx, "a, b", 1\ny, "c, d", 2\n',
            ["name", "note", "n"],
            [["x", "a, b", "1"], ["y", "c, d", "2"]],
        ),
        (b"name,note\nx,'a, b'\ny,'c, d'\n", ["name", "note"], [["x", "a, b"], ["y", "c, d"]]),
        (b'n,t\n1,"a \\"b\\", c"\n2,"d\\\\"\n', ["n", "t"], [["1", 'a "b", c'], ["2", "d\\"]]),
        (b"year\n2001\n2002\n", ["year"], [["2001"], ["2002"]]),
        (b"n,t\r1,a\r\n2,b\n3,c", ["n", "t"], [["1", "a"], ["2", "b"], ["3", "c"]]),
    ],
    ids=["sep-line", "decimal-commas", "spaces", "single-quotes", "backslashes", "one-column", "mixed-line-ends"],
)
def test_dialects(tmp_path, content, headings, rows):
    found = whole(tmp_path, "a.csv", content)
    assert found.inspection.headings == headings
    assert found.rows == rows


def test_packed_text_is_read(tmp_path):
    assert whole(tmp_path, "a.csv", gzip.compress(twins.TEXTS["gb18030"])).totals.rows == 60
    assert whole(tmp_path, "b.zip", twins.packed({"客户.csv": twins.TEXTS["utf-8"]})).totals.rows == 60


def test_nul_characters_are_left_out(tmp_path):
    found = whole(tmp_path, "a.csv", twins.HARMLESS["nul.csv"]())
    assert found.rows == [["1", "xy"], ["2", ""]]
    assert "nul_bytes" in [note.code for note in found.inspection.notes]


_ODD = st.sampled_from(['a"b', "x\ny", '"', ",;", "\r"])
_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffd'"), max_size=12)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.lists(st.one_of(_TEXT, st.sampled_from(['a"b', "x\ny", '"', ",;", "\r"])), min_size=3, max_size=3),
        min_size=1,
    ),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\r\n", "\n"]),
)
def test_what_a_program_writes_is_what_is_read(tmp_path, rows, delimiter, end):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    path = tmp_path / "a.csv"
    path.write_bytes(out.getvalue().encode())
    text = Text(str(path), "utf-8", Limits())
    records = list(read_records(text, Dialect(delimiter), Limits(), 3))
    text.close()
    assert [cells for _, cells, _ in records] == rows
    assert not any(flags for _, _, flags in records)


@given(st.lists(st.tuples(_TEXT, st.integers(), _TEXT, st.floats(-1e6, 1e6)), min_size=8), st.sampled_from(",;\t|"))
@settings(max_examples=100, deadline=None)
def test_the_separator_a_program_used_is_found(rows, delimiter):
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(["name", "number", "note", "sum"])
    writer.writerows(rows)
    assert guess_dialect(out.getvalue().splitlines(keepends=True)).delimiter == delimiter
