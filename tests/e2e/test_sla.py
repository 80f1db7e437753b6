"""An administrator promises something, says which days are holidays, and a ticket shows its clocks; on a phone too."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from crm.domain.tickets import actions
from tests.e2e.system import Someone, System
from tests.e2e.test_axe import inspect
from tests.e2e.watch import Watch

PHONE = {"width": 360, "height": 740}


def test_a_promise_is_made_and_a_ticket_tells_how_it_stands(
    system: System,
    admin: Someone,
    open_context: Callable[..., BrowserContext],
    watch: Watch,
    scripted: bool,
) -> None:
    watch.expect(422)
    name = f"Key repairs {system.number}"
    page = open_context(admin, scripted=scripted).new_page()
    page.goto("/admin/sla")
    page.get_by_role("link", name="New promise").click()
    page.get_by_label("Name").fill(name)
    page.get_by_label("Repair").check()
    page.get_by_label("First answer: hours").fill("2")
    page.get_by_label("Round the clock").check()
    page.get_by_label("Percent").first.fill("80")
    page.get_by_label("Whom").first.select_option(label="A person")
    page.get_by_role("button", name="Save promise").click()
    expect(page.locator(".error-summary")).to_contain_text("Say which person is told.")
    page.get_by_label("Whom").first.select_option(label="Whoever leads the team")
    page.get_by_role("button", name="Save promise").click()
    expect(page.locator("#messages")).to_contain_text("is saved")
    row = page.locator("li", has_text=name)
    expect(row).to_contain_text("answered in 2 h · round the clock")
    expect(page.locator("#sla-progress")).to_contain_text("was last reckoned anew")
    for _ in range(page.locator(".own-fields > li").count() - 1):  # to the top
        page.get_by_role("button", name=f"Move up: {name}").click()
    expect(page.locator(".own-fields > li").first).to_contain_text(name)

    page.get_by_role("link", name="Calendars").click()
    page.get_by_role("link", name="China").click()
    page.locator("#text").fill("2031-01-01 New Year\n2031-01-04 New Year work")
    page.get_by_role("button", name="Read days").click()
    expect(page.locator("#messages")).to_contain_text("2 days were read")
    expect(page.locator("main")).to_contain_text("like Monday: 09:00-18:00")

    with system.acting():
        id_ = actions.create(admin.actor, {"name": f"The printer {system.number}", "type": "repair"})
    phone = open_context(admin, scripted=scripted, viewport=PHONE, has_touch=True, is_mobile=True).new_page()
    for address in (
        f"/tickets/{id_}",
        "/admin/sla",
        "/admin/sla/1",
        "/admin/calendars",
        "/admin/calendars/1?year=2026",
    ):
        phone.goto(address)
        expect(phone.locator("h1")).to_be_visible()
        if scripted:
            assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], address
            inspect(phone, "en", address)
    phone.goto(f"/tickets/{id_}")
    expect(phone.locator(".clocks")).to_contain_text("Answer due in 2 h")


def test_axe_finds_nothing_in_chinese_either(system: System, open_context: Callable[..., BrowserContext]) -> None:
    who = system.person("王小明", "administrator", language="zh_CN")
    page = open_context(who).new_page()
    for address in ("/admin/sla", "/admin/sla/new", "/admin/calendars/1"):
        page.goto(address)
        inspect(page, "zh_CN", address)
