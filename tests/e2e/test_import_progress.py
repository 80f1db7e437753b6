"""A worker is at it: the page says how far, over any link, and stops it when asked."""

import re
from pathlib import Path

from playwright.sync_api import Page, Request, Route, expect

from tests.e2e.importing import LONG, arrive, check, numbers, run, upload
from tests.e2e.system import System
from tests.e2e.watch import Watch


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
    streams: list[Request] = []
    own = re.compile(r"/imports/\d+/stream")  # the bell has one too, which comes when a page is looked at for long
    page.on("request", lambda request: own.search(request.url) and streams.append(request))
    upload(page, twins["utf8bom"])
    check(page)
    streams.clear()  # that of the check; its answer may be on its way still
    with held():
        run(page)
        expect(page.locator("#import-progress")).to_contain_text("Importing the rows")
        expect.soft(page.locator("#import-progress")).to_contain_text("of 300 rows")
    arrive(page)
    kinds = [answer.headers["content-type"] for each in streams if (answer := each.response())]
    assert [kind.partition(";")[0] for kind in kinds] == ["text/event-stream"]


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
    arrive(page)
    expect(page.get_by_role("heading", name="The import was cancelled")).to_be_visible()
    report = numbers(page)
    assert report["created"] + report["not reached"] == report["rows in the file"] == 2_500
    assert report["not reached"] >= 500  # not more than the batch under way went in
    assert len(system.customers_of(rep)) == report["created"]
