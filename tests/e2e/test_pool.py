"""A customer is tagged, put into the public pool and taken by a rep; with the script and without."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from crm.domain.customers import actions as customers
from crm.domain.tags import shaping
from crm.domain.tags.shaping import TagDraft
from tests.e2e.system import Someone, System
from tests.e2e.test_axe import inspect
from tests.e2e.watch import Watch

PHONE = {"width": 360, "height": 740}


def test_a_customer_is_tagged_put_into_the_pool_and_claimed(
    system: System,
    admin: Someone,
    rep: Someone,
    open_context: Callable[..., BrowserContext],
    watch: Watch,
    scripted: bool,
) -> None:
    watch.expect(422)
    name, tag = f"云海{system.number}有限公司", f"At risk {system.number}"
    with system.acting():
        id_ = customers.create(admin.actor, {"name": name})
        shaping.make(admin.actor, TagDraft({"en": tag}, {"en": "Call within a week"}, "warn", asks_why=True))
    page = open_context(admin, scripted=scripted).new_page()
    page.goto(f"/customers/{id_}/sections/basics/edit")
    page.get_by_role("checkbox", name=tag).check()
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator(".error-summary")).to_contain_text("only put on with a reason")
    page.locator("#tags-reason").fill("Their buyer has left")
    if scripted:
        inspect(page, "en", "a tag refused")
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator("main .badge", has_text=tag)).to_be_visible()
    page.goto(f"/customers/{id_}")
    expect(page.locator("#timeline-entries")).to_contain_text("Their buyer has left")

    page.locator("summary", has_text="Public pool").click()
    page.locator("#release-reason").fill("Nobody has time")
    page.get_by_role("button", name="Put into the public pool").click()
    expect(page.locator("#messages")).to_contain_text("is in the public pool now")

    page = open_context(rep, scripted=scripted, viewport=PHONE, has_touch=True, is_mobile=True).new_page()
    page.goto("/customers/")
    page.get_by_role("link", name="Public pool").click()
    page.get_by_role("link", name=name).click()
    page.get_by_role("button", name="Claim customer").click()
    expect(page.locator("#messages")).to_contain_text("The customer is yours now.")
    expect(page.locator("#timeline-entries")).to_contain_text("Nobody has time")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"] if scripted else True
