"""The bell on two devices, how one is told, and a template from its first word to its preview."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from crm.domain.notifications.actions import Kind, News, notify
from tests.e2e.system import Someone, System
from tests.e2e.test_axe import inspect
from tests.e2e.watch import Watch

LOOKS_AWAY = """(hidden) => {
  Object.defineProperty(document, "hidden", {get: () => hidden, configurable: true});
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def tell(system: System, who: Someone, customer: int, key: str) -> None:
    with system.acting():
        notify(Kind.DUE, [News(who.id, "customers", customer, key=key)])


def listens(page: Page) -> None:
    """Streams of pages that were left are found out after a while; till then a bell may only be told once."""
    listening = False
    while not listening:
        with page.expect_response("**/notifications/stream") as answered:
            page.goto("/customers/")
        listening = "x-accel-buffering" in answered.value.headers


def test_the_bell_counts_on_every_device_while_it_is_looked_at(
    system: System, rep: Someone, open_context: Callable[..., BrowserContext]
) -> None:
    (customer,) = system.customers(rep, {"name": "Acme"})
    desk, phone = (open_context(rep).new_page() for _ in range(2))
    bells = [each.locator(".bell") for each in (desk, phone)]
    for page in (desk, phone):
        listens(page)
    tell(system, rep, customer, "1")
    for bell in bells:
        expect(bell.locator(".count")).to_have_text("1")
        expect(bell).to_have_attribute("aria-label", "Notifications: 1 unread")
    with phone.expect_event("requestfailed", lambda request: request.url.endswith("/notifications/stream")):
        phone.evaluate(LOOKS_AWAY, True)  # noqa: FBT003
    tell(system, rep, customer, "2")
    expect(bells[0].locator(".count")).to_have_text("2")
    expect(bells[1].locator(".count")).to_have_text("1")  # nobody looked
    desk.goto("/notifications/")
    desk.get_by_role("button", name="Mark all as read").click()
    expect(bells[0].locator(".count")).to_have_count(0)
    phone.evaluate(LOOKS_AWAY, False)  # noqa: FBT003
    expect(bells[1].locator(".count")).to_have_count(0)
    expect(bells[1]).to_have_attribute("aria-label", "Notifications")


def test_how_one_is_told(either: Page, system: System, rep: Someone, watch: Watch) -> None:
    watch.expect(422)
    (customer,) = system.customers(rep, {"name": "Acme"})
    tell(system, rep, customer, "1")
    either.goto("/customers/")
    expect(either.locator(".bell .count")).to_have_text("1")
    either.locator(".bell").click()
    either.get_by_role("link", name="How you are told").click()
    either.locator("[name=mail-due]").select_option("In the digest")
    either.locator("[name=quiet_from]").fill("22:00")
    either.get_by_role("button", name="Save").click()
    expect(either.locator(".error-summary")).to_contain_text("both times, or none")
    expect(either.locator("[name=mail-due]")).to_have_value("digest")
    either.locator("[name=quiet_to]").fill("07:00")
    either.get_by_role("button", name="Save").click()
    expect(either.locator("#messages")).to_contain_text("told as you chose")
    expect(either.locator("[name=quiet_from]")).to_have_value("22:00")


@pytest.fixture
def boss(open_context: Callable[..., BrowserContext], admin: Someone, scripted: bool) -> Page:
    return open_context(admin, scripted=scripted).new_page()


def test_a_template_from_its_first_word_to_its_preview(
    boss: Page, system: System, admin: Someone, rep: Someone, scripted: bool
) -> None:
    system.customers(admin, {"name": f"Nordwind {admin.id}"})
    boss.goto("/admin/mail-templates")
    boss.get_by_role("link", name="New template").click()
    boss.locator("[name=name]").fill("Thanks")
    boss.locator("[name=subject_en]").fill("Thanks")
    boss.locator("[name=body_en]").fill("Dear ")
    place = boss.locator("[data-insert]", has_text="{{customer.name}}")
    if scripted:
        place.click()
        expect(boss.locator("[name=body_en]")).to_have_value("Dear {{customer.name}}")
    else:
        boss.locator("[name=body_en]").fill(f"Dear {place.inner_text()}")
    boss.locator("[name=record]").fill(f"Nordwind {admin.id}")
    boss.get_by_role("button", name="Show preview").click()
    expect(boss.locator(".letter")).to_contain_text(f"Dear Nordwind {admin.id}")
    if scripted:
        inspect(boss, "en", "preview")
    boss.locator("[name=reader]").fill(rep.email)
    boss.get_by_role("button", name="Show preview").click()
    expect(boss.locator(".letter")).to_contain_text("nothing would be sent")
    boss.get_by_role("button", name="Save template").click()
    expect(boss.locator("#messages")).to_contain_text("is saved")
    boss.get_by_role("button", name=re.compile("Retire.*Thanks")).click()
    expect(boss.locator("#messages")).to_contain_text("is retired")
