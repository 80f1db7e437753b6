"""A customer's life: entered, changed section by section, deleted, restored."""

import pytest
from playwright.sync_api import Locator, Page, expect

from crm.domain.customers import actions
from crm.domain.customers.models import Customer
from tests.e2e.system import Someone, System
from tests.e2e.watch import Watch


def choose(field: Locator, typed: str, wanted: str, *, scripted: bool) -> None:
    """Fill in a look-up: from the suggestions for what was typed, or, without the script, in full."""
    if not scripted:
        field.fill(wanted)
        return
    field.press_sequentially(typed)
    field.page.get_by_role("listbox").get_by_role("option", name=wanted, exact=True).click()
    expect(field).to_have_value(wanted)


def test_a_new_customer_is_entered_with_help(either: Page, system: System, rep: Someone, scripted: bool) -> None:
    page = either
    page.goto("/customers/")
    page.get_by_role("link", name="New customer").first.click()
    name = f"杭州西湖龙井茶叶专业合作社{system.number}"  # others of this program's tests have had theirs
    page.get_by_label("Full name").fill(name)
    choose(page.locator("#industry"), "yingyong", "6513 应用软件开发", scripted=scripted)
    choose(page.locator("#region"), "shenzhen nanshan", "Guangdong 深圳市 南山区", scripted=scripted)
    page.get_by_label("Phone").fill(f"138 0013 {7000 + system.number}")
    page.get_by_label("Level").select_option(label="A – key")
    page.get_by_role("button", name="Save customer").click()
    expect(page.locator("#messages")).to_contain_text("The customer is saved.")
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(page.locator("#section-basics")).to_contain_text("6513 应用软件开发")
    expect(page.locator("#section-reach")).to_contain_text("深圳市 南山区")
    (made,) = system.customers_of(rep)
    phone = f"+86138 0013 {7000 + system.number}".replace(" ", "")
    assert (made.industry_code, made.region_code, made.phone, made.level) == ("6513", "440305", phone, "a")


def test_suggestions_are_walked_with_the_keyboard(page: Page) -> None:
    page.goto("/customers/new")
    field = page.locator("#industry")
    field.press_sequentially("ruanjian")
    first = page.get_by_role("listbox").get_by_role("option").first
    expect(first).to_be_visible()
    field.press("ArrowDown")
    expect(first).to_have_attribute("aria-selected", "true")
    words = first.inner_text()
    field.press("Enter")
    expect(field).to_have_value(words)
    expect(first).to_be_hidden()
    field.fill("")
    field.press_sequentially("yiyao")
    expect(first).to_be_visible()
    field.press("Escape")
    expect(page.locator("#industry-options")).to_be_hidden()


def test_what_does_not_fit_is_said_and_nothing_typed_is_lost(either: Page, system: System, rep, watch: Watch) -> None:
    page = either
    watch.expect(422)
    page.goto("/customers/new")
    page.get_by_label("Phone").fill("12")
    page.get_by_label("Remarks").fill("Two lines\nof remarks")
    page.get_by_role("button", name="Save customer").click()
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("link")).to_have_count(2)
    expect(page.get_by_label("Phone")).to_have_value("12")
    expect(page.get_by_label("Phone")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Remarks")).to_have_value("Two lines\nof remarks")
    summary.get_by_role("link").first.click()
    expect(page.get_by_label("Full name")).to_be_focused()
    assert system.customers_of(rep) == []
    page.get_by_label("Full name").fill(f"Now it fits {system.number}")
    page.get_by_label("Phone").fill(f"021 6200 {1000 + system.number}")
    page.get_by_role("button", name="Save customer").click()
    expect(page.get_by_role("heading", name="Now it fits")).to_be_visible()


def test_two_clicks_on_save_make_one_customer(either: Page, system: System, rep: Someone) -> None:
    either.goto("/customers/new")
    either.get_by_label("Full name").fill(f"Once is enough {system.number}")
    either.get_by_role("button", name="Save customer").dblclick()
    expect(either.get_by_role("heading", name="Once is enough")).to_be_visible()
    assert len(system.customers_of(rep)) == 1


@pytest.fixture
def acme(system: System, rep: Someone) -> str:
    (customer_id,) = system.customers(rep, {"name": "Acme", "level": "a", "phone": "+862161008888"})
    return f"/customers/{customer_id}"


def test_a_section_is_edited_in_place(either: Page, acme: str, scripted: bool) -> None:
    page, basics = either, either.locator("#section-basics")
    page.goto(acme)
    page.locator("#section-reach").get_by_role("link", name="Edit").click()
    page.get_by_label("E-mail").fill("never@example.com")
    page.get_by_role("link", name="Cancel").click()
    expect(page.locator("#section-reach")).not_to_contain_text("never@example.com")

    basics.get_by_role("link", name="Edit").click()
    if scripted:
        expect(page.locator("#section-reach").get_by_role("link", name="Edit")).to_be_visible()
    basics.get_by_label("Full name").fill("Acme 科技")
    basics.get_by_role("button", name="Save changes").click()
    expect(page.locator("#messages")).to_contain_text("The customer is saved.")
    expect(page.get_by_role("heading", level=1)).to_have_text("Acme 科技")
    expect(basics).to_contain_text("Acme 科技")
    change = page.locator("#timeline-entries li").first
    expect(change.locator("del")).to_have_text("Acme")
    expect(change.locator("ins")).to_have_text("Acme 科技")
    assert page.url.endswith(acme)


def test_a_section_that_does_not_fit_stays_open(either: Page, acme: str, watch: Watch) -> None:
    watch.expect(422)
    either.goto(acme)
    reach = either.locator("#section-reach")
    reach.get_by_role("link", name="Edit").click()
    reach.get_by_label("E-mail").fill("not an address")
    reach.get_by_role("button", name="Save changes").click()
    expect(reach.locator(".error-summary")).to_be_focused()
    expect(reach.get_by_label("E-mail")).to_have_value("not an address")


def test_two_people_change_the_same_field_and_both_versions_are_shown(
    either: Page, acme: str, system: System, rep: Someone, watch: Watch
) -> None:
    page, basics = either, either.locator("#section-basics")
    page.goto(acme)
    basics.get_by_role("link", name="Edit").click()
    basics.get_by_label("Full name").fill("Mine")
    with system.acting() as session:
        customer = session.scalars(Customer.visible_to(rep.actor)).one()
        actions.change(rep.actor, customer, {"name": "Theirs"})
    watch.expect(409)
    basics.get_by_role("button", name="Save changes").click()
    expect(basics.get_by_role("alert")).to_contain_text("Theirs")
    expect(basics.get_by_label("Full name")).to_have_value("Mine")
    basics.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mine")


def test_deleted_is_in_the_bin_and_comes_back(either: Page, acme: str) -> None:
    page = either
    page.goto(acme)
    page.locator("#record-head summary", has_text="Delete").click()
    page.get_by_label("Reason").fill("They were merged into another")
    page.get_by_role("button", name="Move to the recycle bin").click()
    expect(page.locator("#messages")).to_contain_text("recycle bin")
    expect(page.get_by_role("link", name="Acme")).to_have_count(0)
    page.get_by_role("link", name="Recycle bin").click()
    page.get_by_role("row", name="Acme").get_by_role("button", name="Restore").click()
    expect(page.locator("#messages")).to_contain_text("restored")
    expect(page.get_by_role("heading", name="Acme")).to_be_visible()
