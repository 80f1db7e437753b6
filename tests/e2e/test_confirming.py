"""A sensitive change in two browsers: asked for by one person, confirmed by another, with the script and without."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from crm.domain.fields import actions as fields
from crm.domain.fields.drafts import Draft
from crm.domain.people.actions import SYSTEM
from crm.kernel.kinds import FieldKind
from tests.e2e.system import System
from tests.e2e.test_axe import inspect


def test_one_asks_and_another_confirms(
    open_context: Callable[..., BrowserContext], system: System, scripted: bool
) -> None:
    name, company = ("Bank account", "银行客户") if scripted else ("Bank account, plain", "无脚本客户")
    with system.acting():
        draft = Draft(label={"en": name}, kind=FieldKind.ENCRYPTED, section="reach", sensitive=True)
        fields.make(SYSTEM, "customers", draft)
    rep = system.person("Sam Rep")
    boss = system.person("Ada Admin", "administrator")
    (customer,) = system.customers(rep, {"name": company})
    page = open_context(rep, scripted=scripted).new_page()
    page.goto(f"/customers/{customer}")
    page.locator("#section-reach").get_by_role("link", name="Edit").click()
    page.get_by_label(name, exact=True).fill("DE-new")
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator("#messages")).to_contain_text(f"Kept for confirmation by a second person: {name}.")
    expect(page.locator("#waiting")).to_contain_text("DE-new")
    expect(page.locator("#section-reach")).not_to_contain_text("DE-new")
    expect(page.locator("#waiting").get_by_role("button", name="Confirm")).to_have_count(0)
    if scripted:
        inspect(page, "en", "record with a change that waits")

    other = open_context(boss, scripted=scripted).new_page()
    other.goto("/confirmations")
    expect(other.locator("main")).to_contain_text(company)
    if scripted:
        inspect(other, "en", "what waits for confirmation")
    other.locator("li.card", has_text=company).get_by_role("link", name="Look and decide").click()
    expect(other.get_by_label("Why not (may be left empty)")).to_be_visible()
    if scripted:
        inspect(other, "en", "a change that waits")
    other.get_by_role("button", name="Confirm").click()
    expect(other.locator("#section-reach")).to_contain_text("DE-new")
    expect(other.locator("#waiting")).not_to_contain_text("DE-new")
    expect(other.locator("#timeline")).to_contain_text("confirmed a change that Sam Rep had asked for")
    with system.acting():
        fields.retire(SYSTEM, fields._fields_of("customers")[-1])
