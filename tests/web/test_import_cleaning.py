"""Cells as they are written, the cleaning report and rows corrected on the page, through their doors."""

import io
import re

from openpyxl import load_workbook

from crm.jobs.imports import sweep
from tests.web.test_import_samples import said
from tests.web.test_imports import mapped, stored, text_of, the_import, upload

FILE = "Firma,Tel,Stufe,Kontakt\nAcme ,138 0013 8000,A,x/y\nBeta,12,Gold A,\nGamma,13900139000,Q,\n"
SENT = {"column-0": "name", "column-1": "phone", "column-2": "level"}


def test_columns_are_divided_and_empty_cells_filled_on_the_mapping_page(as_):
    url = upload(as_.rep, FILE)
    sweep()
    wrong = as_.rep.post(url + "/divisions", {"column": "3", "separator": "/", "parts": "1"})
    assert wrong.status_code == 422 and "2 to 6 columns" in said(wrong)
    assert as_.rep.post(url + "/divisions", {"column": "3", "separator": "/", "parts": "2"}).status_code == 303
    page = as_.rep.get(url + "/mapping")
    assert "“Kontakt” is divided at “/” into 2 columns" in said(page) and "Kontakt · 2" in said(page)
    fill = {"fallback-field-0": "remarks", "fallback-value-0": "from the old system", "column-5": "tags"}
    refused = mapped(as_.rep, url, **SENT, **fill, **{"fallback-field-1": "source", "fallback-value-1": "nowhere"})
    assert refused.status_code == 422 and 'value="nowhere"' in text_of(refused)
    assert mapped(as_.rep, url, **SENT, **fill).status_code == 303
    assert the_import().fallbacks == {"remarks": "from the old system"}
    as_.rep.post(url + "/run", {"duplicates": "skip"})
    sweep()
    assert [(each.remarks, each.tags) for each in stored()] == [("from the old system", ["y"])]
    failed = as_.rep.get(url + "/failed.csv").get_data(as_text=True).splitlines()
    assert failed[0].endswith("Firma,Tel,Stufe,Kontakt")  # the parts come again by themselves


def test_what_was_done_to_cells_is_told_counted_and_shown_row_by_row(as_):
    url = upload(as_.rep, FILE)
    mapped(as_.rep, url, **SENT)
    page = as_.rep.get(url + "/cleaning")
    assert "phone numbers written in one form" in said(page) and "138 0013 8000 → +8613800138000" in said(page)
    rows = as_.rep.get(url + "/cleaning/name/spaces")
    assert "Acme" in said(rows) and "Gamma" not in said(rows)
    assert as_.rep.get(url + "/cleaning/name/nonsense").status_code == 404
    book = load_workbook(io.BytesIO(as_.rep.get(url + "/cleaning.xlsx").get_data()))
    sums, made, told = (list(sheet.values) for sheet in book.worksheets)
    assert ("Level", 3, 1, 2) in sums
    assert ("Phone", "phone numbers written in one form", 1, 2, "138 0013 8000", "+8613800138000") in made
    assert (2, "Full name", "spaces too many taken out") in told


def test_how_cells_are_written_is_said_and_checked_again(as_):
    url = upload(as_.rep, "Firma,Tel\nACME,646-555-2671\n")
    mapped(as_.rep, url, **{"column-0": "name", "column-1": "phone"})
    assert the_import().invalid == 1
    wrong = as_.rep.post(url + "/conversions", {"region-phone": "ZZ"})
    assert wrong.status_code == 422 and 'value="ZZ"' in text_of(wrong)
    assert as_.rep.post(url + "/conversions", {"region-phone": "US", "case-name": "title"}).status_code == 303
    sweep()
    page = as_.rep.get(url + "/check")
    assert "Phone: Country of numbers without one US." in said(page) and the_import().valid == 1


def test_bad_cells_are_corrected_on_the_page_before_and_after_the_run(as_):
    url = upload(as_.rep, FILE)
    mapped(as_.rep, url, **SENT)
    page = text_of(as_.rep.get(url + "/fixes"))
    shown = re.findall(r'name="was-(\d+-\d+)" value="([^"]*)"', page)
    assert shown == [("3-1", "12"), ("3-2", "Gold A"), ("4-2", "Q")]
    given = {f"was-{place}": was for place, was in shown} | {f"cell-{place}": was for place, was in shown}
    as_.rep.post(url + "/fixes", given | {"cell-3-1": "13700137000", "take-3-2": "A – key"})
    assert (the_import().valid, the_import().invalid) == (2, 1)
    late = as_.rep.get(as_.rep.post(url + "/fixes", {"was-4-2": "old", "cell-4-2": "B"}).location)
    assert "changed by somebody else meanwhile" in said(late)
    as_.rep.post(url + "/run", {"duplicates": "skip"})
    sweep()
    assert (the_import().created, the_import().failed) == (2, 1)
    as_.rep.post(url + "/fixes", {"was-4-2": "Q", "cell-4-2": "B"})
    assert "Import the 1 corrected rows" in said(as_.rep.get(url + "/report"))
    as_.rep.post(url + "/fixes/run")
    sweep()
    assert (the_import().created, the_import().failed) == (3, 0)


def test_a_dry_run_shows_before_and_after_and_leaves_everything_as_it_is(as_):
    url = upload(as_.rep, "Firma,Tel,Stufe\nAcme,13800138000,C\n")
    mapped(as_.rep, url, **SENT)
    as_.rep.post(url + "/run", {"duplicates": "skip"})
    sweep()
    url = upload(as_.rep, FILE)
    mapped(as_.rep, url, **SENT)
    assert as_.rep.post(url + "/rehearsal", {"duplicates": "update"}).location.endswith("/check")
    page = as_.rep.get(url + "/check")
    assert "Trying what would become" in said(page) or "Waiting for its turn" in said(page)
    sweep()
    page = as_.rep.get(url + "/check")
    assert "0 would be created, 1 updated, 0 merged, 0 left out; 2 would fail." in said(page)
    page = as_.rep.get(url + "/rehearsal")
    assert "Level: C – small → A – key" in said(page) and "is not one of the choices" in said(page)
    assert "Gamma" not in said(as_.rep.get(url + "/rehearsal?kind=updated"))
    assert as_.rep.get(url + "/rehearsal?kind=nonsense").status_code == 404
    book = load_workbook(io.BytesIO(as_.rep.get(url + "/rehearsal.xlsx").get_data()))
    assert (2, "Acme", "updated", "Level", "C – small", "A – key") in list(book.worksheets[0].values)
    assert "Phone: 138 0013 8000 → 138 0013 8000" not in said(page)  # only the way it was written differs
    assert [each.level for each in stored()] == ["c"]


def test_nobody_else_corrects_a_file_or_learns_of_columns_closed_to_them(as_):
    url = upload(as_.rep, FILE)
    mapped(as_.rep, url, **SENT)
    assert as_.administrator.get(url + "/cleaning").status_code == 200
    for page in ("/fixes", "/conversions"):
        assert as_.administrator.get(url + page).status_code == 303
    assert as_.other_rep.get(url + "/cleaning").status_code == 404
    assert as_.administrator.post(url + "/fixes", {"was-4-2": "Q", "cell-4-2": "B"}).status_code in (409, 422)
    assert the_import().invalid == 2


def test_rows_that_are_alike_stand_beside_the_records_and_are_decided(as_):
    first = upload(as_.rep, "Firma,Tel,Stufe\n杭州云帆科技有限公司,13800138000,C\nNorthwind Traders Ltd,,\n")
    mapped(as_.rep, first, **SENT)
    as_.rep.post(first + "/run", {"duplicates": "skip"})
    sweep()
    url = upload(as_.rep, "Firma,Tel,Stufe\n云帆科技,13800138000,A\nNorthwind Trader Ltd.,,B\n")
    mapped(as_.rep, url, **SENT)
    assert "2 rows are like something that is here" in said(as_.rep.get(url + "/check"))
    page = as_.rep.get(url + "/likes")
    assert "same or similar name, same phone" in said(page) and "Level A – key C – small" in said(page)
    assert as_.administrator.get(url + "/likes").status_code == 303
    assert as_.rep.get(url + "/likes?kind=nonsense").status_code == 404
    as_.rep.post(url + "/likes/rule", {"least": "95", "way": "merge"})
    as_.rep.post(url + "/likes", {"way-3": "update"})
    page = text_of(as_.rep.get(url + "/likes"))
    assert 'name="way-2" value="merge" checked' in page and 'name="way-3" value="update" checked' in page
    wrong = as_.rep.post(url + "/likes", {"way-3": "nonsense"})
    assert wrong.status_code == 422
    as_.rep.post(url + "/run", {"duplicates": "skip"})
    sweep()
    assert (the_import().merged, the_import().updated, the_import().created) == (0, 1, 0)  # nothing was missing there
    assert [(each.name, each.level) for each in stored()] == [
        ("杭州云帆科技有限公司", "c"),
        ("Northwind Trader Ltd.", "b"),
    ]
