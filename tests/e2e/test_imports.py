"""The main job: a rep's spreadsheet becomes customers one can work with."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import ROWS
from tests.e2e.importing import arrive, check, choose_file, numbers, run, upload
from tests.e2e.system import System
from tests.e2e.watch import Watch


@pytest.fixture(params=["generated", "cn_companies"])
def files(request: pytest.FixtureRequest) -> dict[str, Path]:
    name = "twins" if request.param == "generated" else "real_twins"
    return dict(request.getfixturevalue(name))


def test_a_spreadsheet_becomes_customers_to_work_with(either: Page, files: dict[str, Path], system, rep) -> None:
    page = either
    upload(page, files["gb18030"])
    check(page)
    found = numbers(page)
    assert sum(found.values()) == 2 * found["rows in the file"]
    run(page)
    arrive(page)
    expect(page.get_by_role("heading", name="The rows are in")).to_be_visible()
    report = numbers(page)
    assert report["rows in the file"] == sum(report[each] for each in ("created", "updated", "skipped", "failed"))
    assert report["rows in the file"] in (ROWS, 2_000)
    assert report["created"] == len(system.customers_of(rep)) > 0.9 * report["rows in the file"]

    page.locator(".sums").get_by_role("link", name="created").click()
    expect(page.get_by_role("heading", name="Rows: created")).to_be_visible()
    page.goto("/customers/")
    page.locator("#list-q").fill("科技")
    page.locator("#list-q").press("Enter")
    expect(page.get_by_role("link", name="Show all")).to_be_visible()
    rows = page.locator("#list-results .row-link")
    name = rows.first.inner_text()
    assert "科技" in page.locator("#list-results tbody tr").first.inner_text()
    rows.first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.locator("#timeline-entries")).to_contain_text("imported this customer")
    page.locator("#composer [name=body]").fill("电话沟通，下周寄样品。")
    page.get_by_role("button", name="Save follow-up").click()
    expect(page.locator("#timeline-entries")).to_contain_text("下周寄样品")


def test_the_same_customers_come_from_all_three_forms(
    files: dict[str, Path], system: System, open_context: Callable[..., BrowserContext]
) -> None:
    found = {}
    for form, path in files.items():
        who = system.person("Trudy Twin")
        page = open_context(who).new_page()
        upload(page, path)
        check(page)
        run(page)
        arrive(page)
        found[form] = [_essence(each) for each in system.customers_of(who)]
    assert found["utf8bom"] == found["gb18030"] == found["xlsx"]
    assert len(found["xlsx"]) >= 0.9 * ROWS


def _essence(customer: Any) -> dict[str, Any]:
    """Everything but who and when."""
    own = ("id", "number", "owner_id", "department_id", "created_by_id", "created_at", "updated_at", "import_id")
    columns = customer.__table__.columns.keys()
    return {name: getattr(customer, name) for name in columns if name not in (*own, "search", "search_text")}


def test_failed_rows_are_taken_away_corrected_and_brought_back(either: Page, twins: dict[str, Path], tmp_path) -> None:
    page = either
    upload(page, twins["utf8bom"])
    check(page)
    run(page)
    arrive(page)
    failed = numbers(page)["failed"]
    assert failed
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    path = tmp_path / "failed.csv"
    download.value.save_as(path)
    assert len(path.read_text("utf-8-sig").splitlines()) == failed + 1
    upload(page, path)
    check(page)
    assert numbers(page)["with problems"] == failed


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [("empty.csv", b"", "is empty"), ("picture.png", b"\x89PNG\r\n", "is not a spreadsheet")],
)
def test_a_file_that_is_none_is_refused_with_a_sentence(
    either: Page, tmp_path: Path, watch: Watch, name: str, content: bytes, said: str
) -> None:
    watch.expect(422)
    (tmp_path / name).write_bytes(content)
    choose_file(either, tmp_path / name)
    expect(either.locator(".error-summary")).to_contain_text(said)


def test_a_damaged_workbook_ends_in_a_sentence(either: Page, tmp_path: Path) -> None:
    (tmp_path / "damaged.xlsx").write_bytes(b"PK\x03\x04 and nothing good after it")
    choose_file(either, tmp_path / "damaged.xlsx")
    arrive(either)
    expect(either.get_by_role("heading", name="The import stopped")).to_be_visible()
    expect(either.get_by_text("Why it stopped")).to_be_visible()
