"""The budgets of the face, on real bytes from a real browser: what a bad link has to carry."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.cast import PASSWORD
from tests.e2e.importing import arrive, check, run, upload
from tests.e2e.system import Someone, System
from tests.e2e.wire import Fetched, Wire

KB = 1024
pytestmark = pytest.mark.parametrize("language", ["en", "zh_CN"])


@pytest.fixture
def rep(system: System, language: str) -> Someone:
    return system.person("王小明", language=language)


@pytest.fixture
def page(open_context: Callable[..., BrowserContext], rep: Someone) -> Page:
    return open_context(rep).new_page()


@pytest.fixture
def full_list(system: System, rep: Someone) -> list[int]:
    return system.believable_customers(rep, 60)


@pytest.fixture
def record(system: System, rep: Someone, full_list: list[int]) -> int:
    system.believable_timeline(rep, full_list[0], 22)
    return full_list[0]


def within(wire: Wire, budget: float, what: str) -> None:
    wire.settle()
    print(f"{what}: {wire.total / KB:.1f} KB of {budget / KB:.0f} KB in {len(wire.asked)} requests")
    assert wire.total <= budget, wire.told()


def only(wire: Wire, kind: str = "Document", besides: str = "none") -> Fetched:
    """The one answer that went over the wire; `besides` is in the address of what may come along."""
    wire.settle()
    asked = [each for each in wire.asked if besides not in each.url]
    assert [each.kind for each in asked] == [kind], wire.told()
    return asked[0]


def test_a_first_visit(open_context: Callable[..., BrowserContext], rep: Someone, full_list: list[int]) -> None:
    page = open_context().new_page()
    with Wire(page) as wire:
        page.goto("/sign-in?next=/customers/")
        page.locator("[name=email]").fill(rep.email)
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("#sign-in [type=submit]").click()
        expect(page.locator("#list-results .row-link")).to_have_count(25)
        page.wait_for_load_state("networkidle")
    within(wire, 40 * KB, "first visit, sign-in to list")
    assert len(wire.asked) <= 5, wire.told()


def test_a_list_of_25_rows_and_its_parts(page: Page, full_list: list[int]) -> None:
    with Wire(page) as wire:
        page.goto("/customers/")
        page.wait_for_load_state("networkidle")
        wire.clear()
        page.goto("/customers/")
        expect(page.locator("#list-results .row-link")).to_have_count(25)
        only(wire)  # every asset is in the cache
        within(wire, 12 * KB, "list of 25 rows")

        wire.clear()
        page.locator("a[rel=next]").click()
        page.wait_for_url("**after=**")
        expect(page.locator("a[rel=prev]")).to_be_visible()
        only(wire, "Fetch")
        within(wire, 4 * KB, "the next page of a list")

        wire.clear()
        page.locator("#list-q").fill("有限")
        page.wait_for_url("**q=**")
        expect(page.locator("a[rel=prev]")).to_have_count(0)
        only(wire, "Fetch")
        within(wire, 4 * KB, "a search in a list")

        wire.clear()
        page.locator("thead th.main a").click()
        page.wait_for_url("**sort=name**")
        only(wire, "Fetch")
        within(wire, 4 * KB, "a list sorted anew")


def test_a_record_with_20_entries_and_its_parts(page: Page, record: int) -> None:
    page.goto("/customers/")
    with Wire(page) as wire:
        page.goto(f"/customers/{record}")
        expect(page.locator("#timeline-entries > ol > li")).to_have_count(20)
        only(wire)
        within(wire, 14 * KB, "record with 20 entries")

        wire.clear()
        page.locator("#section-basics a[hx-get]").click()
        expect(page.locator("#section-basics form")).to_be_visible()
        only(wire, "Fetch")
        within(wire, 4 * KB, "a section to be edited")

        wire.clear()
        page.locator("#section-basics [name=name]").fill("另一个名字有限公司")
        page.locator("#section-basics [type=submit]").click()
        expect(page.locator("h1")).to_have_text("另一个名字有限公司")
        only(wire, "Fetch", besides="/duplicates/")  # who types slowly is told who is there already
        within(wire, 4 * KB, "a section saved")

        wire.clear()
        page.locator("#composer [name=body]").fill("谈了续约，对方希望按季度付款。")
        page.locator("#composer [type=submit]").click()
        expect(page.locator("#timeline-entries")).to_contain_text("按季度付款")
        only(wire, "Fetch")
        within(wire, 4 * KB, "a follow-up saved")


def test_a_progress_tick(page: Page, twins: dict[str, Path], held: Callable[[], Any]) -> None:
    page.route("**/stream?*", lambda route: route.continue_(url=route.request.url.replace("/stream", "/progress")))
    upload(page, twins["utf8bom"])
    check(page)
    with held(), Wire(page) as wire:
        run(page)
        page.wait_for_url("**/run")
        expect(page.locator("#import-progress progress")).to_be_visible()
        wire.clear()
        with page.expect_response("**/progress?*") as tick:
            pass
        tick.value.finished()
        only(wire, "Fetch")
        within(wire, 4 * KB, "a progress tick")
    arrive(page)


def test_the_other_pages_are_light_too(page: Page, full_list: list[int]) -> None:
    page.goto("/customers/")
    for first in ("/imports/", "/account/password"):  # the first page of an area may bring its own style, once
        page.goto(first)
    for address in ("/customers/new", "/customers/bin", "/keyboard", "/account/password", "/imports/", "/home/"):
        if address == "/home/":
            page.goto(address)
        with Wire(page) as wire:
            page.goto(address)
            page.wait_for_load_state("networkidle")
        only(wire)
        within(wire, 12 * KB, address)


def test_every_class_of_answer_is_compressed_and_kept_as_it_should(page: Page, record: int) -> None:
    with Wire(page) as wire:
        page.goto(f"/customers/{record}")
        page.locator("#section-basics a[hx-get]").click()
        expect(page.locator("#section-basics form")).to_be_visible()
        html, part = (next(each for each in wire.asked if each.kind == kind) for kind in ("Document", "Fetch"))
        style, script = (next(each for each in wire.asked if each.kind == kind) for kind in ("Stylesheet", "Script"))
        assert {each.encoding for each in (html, part, style, script)} == {"br"}, wire.told()
        assert all("immutable" in each.headers["cache-control"] for each in (style, script))
        assert all(each.headers["cache-control"] == "no-store" for each in (html, part))
        assert all("cookie" not in each.headers.get("vary", "").lower() for each in (style, script))
        assert not any("set-cookie" in each.headers for each in (style, script))
