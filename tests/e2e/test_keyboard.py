"""Everything by keyboard."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.system import Someone, System


@pytest.fixture
def few(system: System, rep: Someone) -> None:
    system.customers(rep, {"name": "Alpha"}, {"name": "Beta"}, {"name": "Gamma"})


def test_one_letter_goes_where_it_says(page: Page, few: None) -> None:
    page.goto("/customers/")
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("n")  # in a field a letter is a letter
    expect(page.locator("#search")).to_have_value("n")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.locator("[data-menu][open]").get_by_role("link", name="Customer", exact=True).click()
    expect(page.get_by_role("heading", name="New customer")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("b")
    expect(page.get_by_role("heading", name="Recycle bin", exact=True)).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("c")
    expect(page.get_by_role("heading", name="Customers", exact=True)).to_be_visible()


def test_the_list_of_keys_opens_over_the_page_and_closes(page: Page, few: None) -> None:
    page.goto("/customers/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Next row")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert page.url.endswith("/customers/")


def test_rows_are_walked_and_opened(page: Page, few: None) -> None:
    page.goto("/customers/?sort=name")
    for key, name in (("j", "Alpha"), ("j", "Beta"), ("j", "Gamma"), ("k", "Beta")):
        page.keyboard.press(key)
        expect(page.get_by_role("link", name=name, exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Beta")


def test_escape_leaves_a_form_as_it_was(page: Page, few: None, system: System, rep: Someone) -> None:
    customer = system.customers_of(rep)[0]
    page.goto(f"/customers/{customer.id}")
    edit = page.locator("#section-basics").get_by_role("link", name="Edit")
    edit.focus()
    page.keyboard.press("Enter")
    name = page.locator("#section-basics").get_by_label("Full name")
    name.fill("Not this")
    name.press("Escape")  # out of the field
    page.keyboard.press("Escape")  # out of the form
    expect(name).to_have_count(0)
    expect(page.locator("#section-basics")).to_contain_text("Alpha")


def test_the_first_tab_skips_to_the_content(page: Page, few: None) -> None:
    page.goto("/customers/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_menus_open_and_close_by_key(page: Page, few: None) -> None:
    page.goto("/customers/")
    menu = page.locator("details.person")
    page.get_by_label("You and your settings").focus()
    page.keyboard.press("Enter")
    expect(menu).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(page.get_by_label("You and your settings")).to_be_focused()
