"""A rep on a phone: takes a lead from the pool, calls, and makes a customer of it; with the script and without."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from crm.domain.leads import actions
from tests.e2e.system import Someone, System

PHONE = {"width": 360, "height": 740}


def test_a_pool_lead_is_claimed_called_and_converted(
    system: System, admin: Someone, rep: Someone, open_context: Callable[..., BrowserContext], scripted: bool
) -> None:
    name, company = f"陈志远 {system.number}", f"云海智能科技{system.number}有限公司"
    with system.acting():
        values = {"name": name, "company": company, "email": f"chen{system.number}@yunhai.example.com"}
        actions.create(admin.actor, values)  # who sees all brings in for everybody
    page = open_context(rep, scripted=scripted, viewport=PHONE, has_touch=True, is_mobile=True).new_page()
    page.goto("/leads/")
    page.get_by_role("link", name="Pool").click()
    page.get_by_role("link", name=name).click()
    page.get_by_role("button", name="Claim lead").click()
    expect(page.locator("#messages")).to_contain_text("The lead is yours now.")
    lead = page.url

    page.locator("#composer [name=body]").fill("Called: they want a trial")
    page.get_by_role("button", name="Save follow-up").click()
    expect(page.locator("#timeline-entries")).to_contain_text("they want a trial")
    page.get_by_role("button", name="To “Contacted”").click()
    expect(page.locator("#record-head [aria-current=step]")).to_have_text("Contacted")
    expect(page.locator("#section-status")).to_contain_text("Contacted")

    page.get_by_role("link", name="Convert lead").click()
    expect(page.get_by_role("radio", name=f"Make the customer “{company}”")).to_be_checked()
    page.get_by_label("Amount").fill("48000")
    page.get_by_role("button", name="Convert lead").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(company)
    expect(page.locator("#timeline-entries")).to_contain_text("they want a trial")
    expect(page.locator("#related-contacts-customer")).to_contain_text(name)
    expect(page.locator("#related-opportunities-customer")).to_contain_text(company)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"] if scripted else True

    page.goto(lead)
    expect(page.locator("#record-head [aria-current=step]")).to_have_text("Won")
    expect(page.locator("#record-head")).to_contain_text(company)
