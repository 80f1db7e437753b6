"""The main job: a rep's spreadsheet becomes customers one can work with."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect
from sqlalchemy import text

from crm.demo import spreadsheets
from tests.conftest import SHARED
from tests.e2e.system import System
from tests.e2e.watch import Watch

ROWS = 300
FLAWED = 0.05
LONG = 60_000  # ms: a machine that does other things too
ENCODINGS = {"utf8bom": "utf-8-sig", "gb18030": "gb18030"}


@pytest.fixture(scope="session")
def twins(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One list in three forms: UTF-8 with byte order mark, GB18030, XLSX; lines end as in Windows."""
    folder = tmp_path_factory.mktemp("twins")
    for form, encoding in ENCODINGS.items():
        rows = spreadsheets.rows(11, ROWS, flawed=FLAWED)
        spreadsheets.write_csv(folder / f"客户名单_{form}.csv", rows, encoding=encoding)
    spreadsheets.write_xlsx(folder / "客户名单.xlsx", spreadsheets.rows(11, ROWS, flawed=FLAWED))
    return {path.stem.rpartition("_")[2] if path.suffix == ".csv" else "xlsx": path for path in folder.iterdir()}


@pytest.fixture(scope="session")
def real_twins() -> dict[str, Path]:
    """Two thousand real companies in the same three forms."""
    folder = SHARED / "data" / "cn_companies"
    if not folder.is_dir():
        pytest.skip("needs the shared data cn_companies")
    forms = {"utf8bom": "_utf8bom_crlf.csv", "gb18030": "_gb18030.csv", "xlsx": ".xlsx"}
    return {form: folder / f"cn_companies_2000{ending}" for form, ending in forms.items()}


@pytest.fixture(params=["generated", "cn_companies"])
def files(request: pytest.FixtureRequest) -> dict[str, Path]:
    name = "twins" if request.param == "generated" else "real_twins"
    return dict(request.getfixturevalue(name))


@pytest.fixture
def held(system: System) -> Callable[[], AbstractContextManager[Any]]:
    """While it lasts no customer can be written: an import stands in the middle of its run."""

    @contextmanager
    def hold() -> Iterator[None]:
        with system.acting() as session:
            session.execute(text("LOCK TABLE customers IN SHARE MODE"))
            yield
            session.rollback()

    return hold


def upload(page: Page, path: Path) -> None:
    page.goto("/imports/new")
    page.get_by_label("Spreadsheet").set_input_files(path)
    page.get_by_role("button", name="Upload file").click()
    expect(page.get_by_role("heading", name="Match the columns")).to_be_visible(timeout=LONG)


def check(page: Page) -> None:
    page.get_by_role("button", name="Check the rows").click()
    expect(page.get_by_role("heading", name="Check the rows")).to_be_visible(timeout=LONG)


def run(page: Page) -> None:
    page.get_by_role("button", name="Import the rows").click()


def arrive(page: Page, title: str = "The rows are in") -> None:
    """However the page gets there: by its stream, by polling or by refreshing itself."""
    expect(page.get_by_role("heading", name=title)).to_be_visible(timeout=LONG)


def numbers(page: Page) -> dict[str, int]:
    shown = page.locator(".sums li").all_inner_texts()
    return {words.strip(): int(count.replace(",", "")) for count, words in (each.strip().split("\n") for each in shown)}


def test_a_spreadsheet_becomes_customers_to_work_with(either: Page, files: dict[str, Path], system, rep) -> None:
    page = either
    upload(page, files["gb18030"])
    check(page)
    found = numbers(page)
    assert sum(found.values()) == 2 * found["rows in the file"]
    run(page)
    arrive(page)
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


def test_a_rep_leaves_and_comes_back_to_the_same_progress(either: Page, twins: dict[str, Path], held, system) -> None:
    page = either
    upload(page, twins["xlsx"])
    check(page)
    with held():
        run(page)
        expect(page.locator("#import-progress")).to_contain_text("Importing the rows")
        page.goto("/imports/")
        expect(page.get_by_role("row", name="客户名单.xlsx")).to_contain_text("running")
        page.get_by_role("link", name="客户名单.xlsx").click()
        expect(page.locator("#import-progress progress")).to_be_visible()
        expect(page.locator(".steps [aria-current=step]")).to_have_text("Run")
    arrive(page)


def test_progress_comes_over_one_stream(page: Page, twins: dict[str, Path], held) -> None:
    streams: list[str] = []
    page.on("response", lambda answer: "/stream" in answer.url and streams.append(answer.headers["content-type"]))
    upload(page, twins["utf8bom"])
    check(page)
    streams.clear()
    with held():
        run(page)
        expect(page.locator("#import-progress")).to_contain_text("Importing the rows")
        expect.soft(page.locator("#import-progress")).to_contain_text("of 300 rows")
    arrive(page)
    assert [kind.partition(";")[0] for kind in streams] == ["text/event-stream"]


def test_a_page_that_loses_its_stream_finds_its_way(page: Page, twins: dict[str, Path], held, watch: Watch) -> None:
    upload(page, twins["utf8bom"])
    check(page)
    watch.link_may_fail = True
    with held():
        run(page)
        expect(page.locator("#import-progress")).to_contain_text("Importing the rows")
        page.context.set_offline(True)
        expect(page.locator("#connection")).to_be_visible()
        page.context.set_offline(False)
        expect(page.locator("#connection")).to_be_hidden(timeout=LONG)
    arrive(page)


def test_a_page_that_gets_no_stream_asks_again_and_again(page: Page, twins: dict[str, Path], held, watch) -> None:
    """A proxy in between may know nothing of streams."""
    asked: list[str] = []

    def polled_instead(route: Route) -> None:
        asked.append(route.request.url)
        route.continue_(url=route.request.url.replace("/stream", "/progress"))

    page.route("**/stream?*", polled_instead)
    upload(page, twins["utf8bom"])
    check(page)
    with held():
        run(page)
        expect(page.locator("#import-progress")).to_contain_text("Importing the rows")
        with page.expect_response("**/progress?*"), page.expect_response("**/progress?*"):
            pass
    arrive(page)
    assert asked


def test_a_cancelled_import_says_how_many_are_in(either: Page, tmp_path: Path, held, system: System, rep) -> None:
    page, path = either, tmp_path / "many.csv"
    path.write_text("公司名称\n" + "".join(f"第{n:04d}号贸易公司\n" for n in range(2_500)), "utf-8")
    upload(page, path)
    check(page)
    with held():
        run(page)
        expect(page.locator("#import-progress")).to_contain_text("Importing the rows")
        page.get_by_role("button", name="Cancel the import").click()
        expect(page.get_by_text("Stopping after the rows under way")).to_be_visible()
    arrive(page, "The import was cancelled")
    report = numbers(page)
    assert report["created"] + report["not reached"] == report["rows in the file"] == 2_500
    assert report["not reached"] >= 500  # not more than the batch under way went in
    assert len(system.customers_of(rep)) == report["created"]


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
    either.goto("/imports/new")
    either.get_by_label("Spreadsheet").set_input_files(tmp_path / name)
    either.get_by_role("button", name="Upload file").click()
    expect(either.locator(".error-summary")).to_contain_text(said)


def test_a_damaged_workbook_ends_in_a_sentence(either: Page, tmp_path: Path) -> None:
    (tmp_path / "damaged.xlsx").write_bytes(b"PK\x03\x04 and nothing good after it")
    either.goto("/imports/new")
    either.get_by_label("Spreadsheet").set_input_files(tmp_path / "damaged.xlsx")
    either.get_by_role("button", name="Upload file").click()
    arrive(either, "The import stopped")
    expect(either.get_by_text("Why it stopped")).to_be_visible()
