"""Every file of the shared collections ends in rows or a sentence, as docs/TORTURE.md says."""

import pytest
from python_calamine import CalamineWorkbook

from crm.infra.sheets import Limits
from tests.infra.sheets import torture


@pytest.fixture(scope="module")
def results(shared_data):
    return torture.read_all(shared_data)


def test_all_of_them_are_read(results):
    folders = [result.path.parts[-3] for result in results if "files" in result.path.parts]
    assert len(folders) == 59
    assert sum("csv_torture" in result.path.parts for result in results) == 100
    assert sum("bad_input" in result.path.parts for result in results) == 5


def test_each_ends_in_rows_or_a_sentence_in_time(results):
    for result in results:
        assert result.lines or result.sentence, result.path.name
        assert not result.sentence.startswith("The file cannot be read: the reader gave up"), result.path.name
        assert result.seconds < 60, result.path.name
        assert result.peak < Limits().memory_bytes, result.path.name


def test_the_table_says_so(results, shared_data):
    assert torture.TABLE.read_text(encoding="utf-8").splitlines() == torture.table(results, shared_data).splitlines()


def test_line_numbers_ascend(results):
    for result in results:
        numbers = [line for line, _ in result.lines]
        assert numbers == sorted(set(numbers)), result.path.name


def test_our_reader_agrees_with_calamine_on_every_workbook_both_can_read(results):
    """On texts, since the two show dates and long numbers differently."""
    compared = 0
    for result in results:
        if result.inspection is None or result.inspection.kind != "xlsx":
            continue
        try:
            book = CalamineWorkbook.from_path(result.path)
            theirs = book.get_sheet_by_name(result.inspection.sheet).to_python(skip_empty_area=False)
        except Exception:  # calamine refuses some that we read
            continue
        for line, cells in result.lines:
            wanted = [cell for cell in theirs[line - 1] if isinstance(cell, str) and cell.strip()]
            assert not [cell for cell in wanted if cell not in cells], (result.path.name, line)
        compared += 1
    assert compared > 30
