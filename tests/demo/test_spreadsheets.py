"""Twin files: the same customers from every encoding, format and language."""

import csv
from pathlib import Path

import openpyxl
import pytest

from crm.demo.spreadsheets import COLUMNS, headings, rows, write_csv, write_xlsx
from crm.domain.customers.fields import EDITABLE
from crm.kernel.fields import Context, read_rows

COUNT = 300
FIELDS = {each.key: each for each in EDITABLE}


def read_csv(path: Path, encoding: str) -> list[list[str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.reader(file))


def test_every_encoding_and_format_holds_the_same_cells(tmp_path):
    made = [headings(), *rows(4, COUNT)]
    write_csv(tmp_path / "bom.csv", rows(4, COUNT))
    write_csv(tmp_path / "gb.csv", rows(4, COUNT), encoding="gb18030")
    write_xlsx(tmp_path / "twin.xlsx", rows(4, COUNT))
    assert (tmp_path / "bom.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert read_csv(tmp_path / "bom.csv", "utf-8-sig") == made
    assert read_csv(tmp_path / "gb.csv", "gb18030") == made
    sheet = openpyxl.load_workbook(tmp_path / "twin.xlsx", read_only=True).worksheets[0]
    assert [[cell or "" for cell in row] for row in sheet.iter_rows(max_col=len(COLUMNS), values_only=True)] == made


def test_headings_are_ones_the_fields_know():
    for language in ("zh", "en"):
        for key, heading in zip(COLUMNS, headings(language), strict=True):
            assert heading in (FIELDS[key].label, *FIELDS[key].headings), (key, heading)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_cell_is_one_the_fields_can_read_and_both_languages_mean_the_same(cast, language):
    fields = [FIELDS[key] for key in COLUMNS]
    context = Context(cast.administrator.actor)

    def values(of: str) -> list[dict]:
        cells = [dict(zip(COLUMNS, row, strict=True)) for row in rows(4, COUNT, language=of)]
        readings = read_rows(fields, cells, context)
        assert [reading.problems for reading in readings if reading.problems] == []
        return [reading.values for reading in readings]

    assert values(language) == values("zh")


def test_a_share_of_the_rows_is_flawed_when_asked_for(cast):
    fields = [FIELDS[key] for key in COLUMNS]
    cells = [dict(zip(COLUMNS, row, strict=True)) for row in rows(4, COUNT, flawed=0.3)]
    bad = [reading for reading in read_rows(fields, cells, Context(cast.administrator.actor)) if reading.problems]
    assert 0.2 < len(bad) / COUNT < 0.4
    assert {key for reading in bad for key in reading.problems} == {"phone", "name", "email", "level", "region"}
