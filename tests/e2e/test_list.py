"""The list of customers: searched, filtered, sorted, paged; every state is an address."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.system import Someone, System

NAMES = ("北京智远科技有限公司", "上海启明软件有限公司", "Zeta GmbH", "Acme Ltd", "广州白云山医药集团")


@pytest.fixture
def few(system: System, rep: Someone) -> None:
    levels = ("b", "a", "c", "a", None)
    system.customers(rep, *({"name": name, "level": level} for name, level in zip(NAMES, levels, strict=True)))


def names(page: Page) -> Locator:
    return page.locator("#list-results .row-link")


def test_two_chinese_characters_find_the_customer(either: Page, few: None) -> None:
    either.goto("/customers/")
    expect(names(either)).to_have_count(5)
    either.locator("#list-q").fill("科技")
    either.locator("#list-q").press("Enter")
    expect(names(either)).to_have_text([NAMES[0]])
    assert "q=" in either.url
    either.get_by_role("link", name="Show all").click()
    expect(names(either)).to_have_count(5)


def test_the_box_on_top_searches_everything(either: Page, few: None) -> None:
    either.goto("/keyboard")
    either.locator("#search").fill("启明")
    either.locator("#search").press("Enter")
    either.locator("#found-customers").get_by_role("link", name=NAMES[1]).click()
    expect(either.get_by_role("heading", level=1)).to_have_text(NAMES[1])


def test_a_search_without_result_says_what_to_do(either: Page, few: None) -> None:
    either.goto("/customers/?q=没有的公司")
    expect(either.get_by_role("heading", name="No customer fits")).to_be_visible()
    either.get_by_role("link", name="Show all customers").click()
    expect(names(either)).to_have_count(5)


def test_a_filter_is_set_told_and_taken_away(either: Page, few: None) -> None:
    page = either
    page.goto("/customers/")
    page.get_by_text("Filters and columns").click()
    page.get_by_label("Level", exact=True).first.select_option(label="A – key")
    page.get_by_role("button", name="Apply").click()
    expect(names(page)).to_have_count(2)
    expect(page.locator(".chip")).to_contain_text("Level")
    assert "level__is=a" in page.url
    page.get_by_role("link", name="Remove this filter").click()
    expect(names(page)).to_have_count(5)


def test_columns_are_chosen(either: Page, few: None) -> None:
    page = either
    page.goto("/customers/")
    page.get_by_text("Filters and columns").click()
    page.get_by_role("link", name="Columns and widths").click()
    page.get_by_role("checkbox", name="Phone").uncheck()
    page.get_by_role("checkbox", name="Created").check()
    page.get_by_label("Width: Created").select_option(label="wide")
    page.get_by_role("button", name="Keep these columns").click()
    page.goto("/customers/")
    heads = page.locator("#list-results thead")
    expect(heads).to_contain_text("Created")
    expect(heads).not_to_contain_text("Phone")
    expect(heads.locator("th", has_text="Created")).to_have_class("w-5")
    page.get_by_text("Filters and columns").click()
    page.get_by_role("link", name="Columns and widths").click()
    page.get_by_role("button", name="Reset").click()
    expect(heads).to_contain_text("Phone")
    expect(heads.locator("[class*=w-5]")).to_have_count(0)


def test_a_column_is_drawn_wider_by_mouse_and_by_keyboard(page: Page, few: None) -> None:
    page.goto("/customers/")
    head = page.locator("th[data-field=phone]")
    edge = page.get_by_role("separator", name="Width: Phone")
    box = edge.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 4, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + 124, box["y"] + 8, steps=4)
    with page.expect_response("**/columns/customers/widths"):
        page.mouse.up()
    wide = int(edge.get_attribute("aria-valuenow") or 0)
    expect(head).to_have_class(f"w-{wide}")
    edge.focus()
    with page.expect_response("**/columns/customers/widths"):
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowLeft")
    expect(head).to_have_class(f"w-{wide - 2}")
    page.reload()
    expect(head).to_have_class(f"w-{wide - 2}")
    expect(page.locator("table.list.sized")).to_have_count(1)


def test_the_list_is_sorted_both_ways(either: Page, few: None) -> None:
    page, head = either, either.locator("thead th.main a")
    page.goto("/customers/")
    head.click()
    expect(page.locator("thead th.main")).to_have_attribute("aria-sort", "ascending")
    expect(names(page).first).to_have_text("Acme Ltd")
    head.click()
    expect(page.locator("thead th.main")).to_have_attribute("aria-sort", "descending")
    expect(names(page).last).to_have_text("Acme Ltd")


def test_pages_go_forwards_and_backwards(either: Page, system: System, rep: Someone) -> None:
    page, every = either, [f"Customer {n:02d}" for n in range(60)]
    system.customers(rep, *({"name": name} for name in every))
    page.goto("/customers/?sort=name")
    pages = [every[:25], every[25:50], every[50:]]
    expect(names(page)).to_have_text(pages[0])
    for after in pages[1:]:
        page.get_by_role("link", name="Older").click()
        expect(names(page)).to_have_text(after)
    expect(page.get_by_role("link", name="Older")).to_have_count(0)
    for before in reversed(pages[:-1]):
        page.get_by_role("link", name="Newer").click()
        expect(names(page)).to_have_text(before)


def test_going_back_shows_what_was_there(page: Page, few: None) -> None:
    page.goto("/customers/")
    page.locator("#list-q").fill("科技")
    page.locator("#list-q").press("Enter")
    expect(names(page)).to_have_count(1)
    names(page).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(NAMES[0])
    page.go_back()
    expect(names(page)).to_have_count(1)
    expect(page.locator("#list-q")).to_have_value("科技")
    page.go_back()
    expect(names(page)).to_have_count(5)
