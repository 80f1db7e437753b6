"""The box on top: what it offers while one types, by keyboard and by mouse, and the page of everything found."""

from playwright.sync_api import Page, expect

from tests.e2e.system import Someone, System
from tests.e2e.wire import Wire

NAMES = ("恒达科技", "恒达贸易", "上海恒达", *(f"恒达{n}号" for n in range(6)))


def test_what_is_offered_is_reached_with_the_arrows(page: Page, system: System, rep: Someone) -> None:
    system.customers(rep, *({"name": name} for name in NAMES))
    page.goto("/keyboard")
    with Wire(page) as wire:
        page.keyboard.press("/")
        page.keyboard.type("恒达科")
        offered = page.locator(".topbar [role=option]")
        expect(offered).to_have_count(1)
        wire.settle()
        assert 0 < wire.total <= 4096, wire.told()
        wire.clear()
        page.locator("#search").fill("恒达")
        expect(offered).to_have_count(6)
        wire.settle()
        assert wire.total <= 4096, wire.told()
    expect(page.locator(".topbar .group")).to_have_text(["Customers"])
    expect(page.locator("#search")).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(offered.first).to_be_hidden()
    page.keyboard.press("ArrowDown")
    expect(offered.first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(offered.first).to_have_attribute("aria-selected", "true")
    name = offered.first.inner_text().split(" CUST")[0]
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def test_the_last_one_offered_is_the_list(page: Page, system: System, rep: Someone) -> None:
    system.customers(rep, *({"name": name} for name in NAMES))
    page.goto("/keyboard")
    page.locator("#search").fill("恒达")
    page.get_by_role("option", name="All in Customers").click()
    expect(page.locator("#list-results .row-link")).to_have_count(len(NAMES))
    expect(page.locator("#list-q")).to_have_value("恒达")


def test_everything_found_stands_in_groups(either: Page, system: System, rep: Someone) -> None:
    system.customers(rep, {"name": "王小二餐饮"})
    system.person("王小明")
    either.goto("/customers/")
    either.locator("#search").fill("王小")
    either.locator("#search").press("Enter")
    expect(either.get_by_role("heading", level=1)).to_have_text("Search for “王小”")
    expect(either.locator("#found-people").get_by_role("link", name="王小明").first).to_be_visible()
    either.locator("#found-customers").get_by_role("link", name="王小二餐饮").click()
    expect(either.get_by_role("heading", level=1)).to_have_text("王小二餐饮")


def test_nothing_found_says_what_to_try(either: Page) -> None:
    either.goto("/search/?q=没有的公司")
    expect(either.get_by_role("heading", name="Nothing fits")).to_be_visible()
