"""A list taken away in a browser, with and without JavaScript: chosen, put in order, saved, and found again."""

import csv
import io
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.system import System


def table(page: Page, press: Callable[[], None]) -> list[list[str]]:
    with page.expect_download() as coming:
        press()
    return list(csv.reader(io.StringIO(coming.value.path().read_text(encoding="utf-8-sig"), newline="")))


def test_a_list_is_taken_away_as_a_file(
    open_context: Callable[..., BrowserContext], scripted: bool, system: System
) -> None:
    manager = system.person("Max Manager", "sales_manager")
    system.customers(manager, {"name": "公司甲", "level": "a"}, {"name": "公司乙", "level": "b"})
    page = open_context(manager, scripted=scripted).new_page()
    page.goto("/customers/?level__is=a&cols=phone,level")
    page.get_by_role("link", name="Export", exact=True).click()
    expect(page.locator(".subtitle")).to_contain_text("Level is A")
    page.get_by_role("button", name="Up: Level").click()
    expect(page.locator("[name=field]:checked")).to_have_count(3)
    if scripted:
        expect(page.get_by_role("button", name="Up: Level")).to_be_focused()
    page.get_by_label("CSV, UTF-8").check()
    page.get_by_label("Phone", exact=True).uncheck()
    rows = table(page, page.get_by_role("button", name="Export", exact=True).click)
    assert rows[:2] == [["Full name", "Level"], ["公司甲", "A – key"]]
    assert rows[2][0].startswith("※ Customers, exported by Max Manager")
    page.goto("/exports/")
    page.locator(".row-link").first.click()
    again = table(page, page.get_by_role("link", name="Save the file").click)
    assert again == rows
    page.goto("/customers/?sort=name")
    page.get_by_role("checkbox", name="公司乙").check()
    page.get_by_role("button", name="Export", exact=True).click()
    expect(page.locator(".subtitle")).to_contain_text("1 records you may export. Only the rows that you ticked.")
    page.get_by_label("CSV, UTF-8").check()
    only = table(page, page.get_by_role("button", name="Export", exact=True).click)
    assert [row[0] for row in only[1:-1]] == ["公司乙"] and "1 of 1 where the row was ticked" in only[-1][0]
