"""A rep writes down a customer that is there already, is told, and makes one of two; with the script and without."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from crm.domain.customers import actions
from tests.e2e.system import Someone, System
from tests.e2e.watch import Watch


def test_a_second_one_is_told_of_saved_anyway_merged_and_separated(
    system: System, rep: Someone, open_context: Callable[..., BrowserContext], scripted: bool, watch: Watch
) -> None:
    name, again = f"深圳市墨石{system.number}精密仪器有限公司", f"墨石{system.number}精密儀器（深圳）股份有限公司"
    with system.acting():
        actions.create(rep.actor, {"name": name, "remarks": "Theirs"})
    watch.expect(422)
    page = open_context(rep, scripted=scripted).new_page()
    page.goto("/customers/new")
    page.locator("#name").fill(again)
    if scripted:
        expect(page.locator("#alike").get_by_role("link", name=name)).to_be_in_viewport()
    page.locator("#type").select_option("company")
    page.get_by_role("button", name="Save customer").click()
    expect(page.locator("#already-there").get_by_role("link", name=name)).to_be_visible()
    page.get_by_role("button", name="Save anyway").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(again)
    address = page.url

    page.get_by_role("link", name="Look for duplicates").click()
    page.get_by_role("link", name="Compare and merge").first.click()
    page.get_by_role("radio", name=name).check()
    page.get_by_role("button", name="Merge").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    page.get_by_role("button", name="Separate again").click()
    expect(page.locator("#messages")).to_contain_text("They are two again.")
