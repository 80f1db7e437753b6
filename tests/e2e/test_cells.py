"""Cells of a list edited in place: by mouse, by keyboard, and without the script."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.e2e.system import Someone, System
from tests.e2e.watch import Watch
from tests.e2e.wire import Wire

PHONE, INDUSTRY, LEVEL, STAGE = 0, 1, 2, 3  # columns behind the name
SHOWN = "/customers/?sort=name"


@pytest.fixture
def few(system: System, rep: Someone) -> None:
    system.customers(rep, {"name": "Alpha", "level": "a"}, {"name": "Beta", "level": "b"})


def cell(page: Page, name: str, column: int) -> Locator:
    row = page.locator("#list-results tbody tr", has=page.get_by_role("link", name=name, exact=True))
    return row.locator("td:not(.check, .main)").nth(column)


def test_a_cell_is_edited_by_a_double_click_and_saved_by_enter(page: Page, few: None, watch: Watch) -> None:
    watch.expect(422)
    page.goto(SHOWN)
    place = cell(page, "Alpha", PHONE)
    place.dblclick()
    box = place.get_by_label("Phone")
    expect(box).to_be_focused()
    box.fill("12")
    box.press("Enter")
    expect(place.locator(".error")).to_be_visible()
    expect(box).to_have_value("12")
    expect(box).to_be_focused()
    box.fill("021-62345678")
    box.press("Enter")
    expect(place).to_have_text("021 6234 5678")
    expect(place).to_be_focused()
    page.reload()
    expect(cell(page, "Alpha", PHONE)).to_have_text("021 6234 5678")


def test_the_pencil_opens_it_and_cancel_gives_it_back(page: Page, few: None) -> None:
    page.goto(SHOWN)
    place = cell(page, "Alpha", LEVEL)
    place.hover()
    place.get_by_role("button", name="Edit").click()
    place.get_by_label("Level").select_option("c")
    place.get_by_role("link", name="Cancel").click()
    expect(place).to_have_text("A – key")


def test_everything_by_keyboard(page: Page, few: None) -> None:
    page.goto(SHOWN)
    page.keyboard.press("j")
    for _ in range(LEVEL + 1):
        page.keyboard.press("ArrowRight")
    first, second = cell(page, "Alpha", LEVEL), cell(page, "Beta", LEVEL)
    expect(first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(second).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("e")
    expect(first.get_by_label("Level")).to_be_focused()
    page.keyboard.press("c")  # a letter chooses in a select
    page.keyboard.press("Escape")
    expect(first).to_have_text("A – key")
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    expect(first.get_by_label("Level")).to_be_focused()
    first.get_by_label("Level").select_option("b")
    page.keyboard.press("Tab")  # saves and goes on
    expect(first).to_have_text("B – regular")
    stage = cell(page, "Alpha", STAGE)
    expect(stage.get_by_label("Lifecycle stage")).to_be_focused()
    page.keyboard.press("Shift+Tab")  # nothing was touched: nothing is sent
    expect(stage.locator("form")).to_have_count(0)
    expect(first.get_by_label("Level")).to_be_focused()


def test_the_name_is_edited_from_the_focused_row(page: Page, few: None) -> None:
    page.goto(SHOWN)
    page.keyboard.press("j")
    page.keyboard.press("e")
    box = page.get_by_role("textbox", name="Full name")
    expect(box).to_be_focused()
    box.fill("Alpha 2")
    box.press("Enter")
    expect(page.get_by_role("link", name="Alpha 2", exact=True)).to_be_focused()
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Beta", exact=True)).to_be_focused()


def test_a_look_up_is_chosen_with_the_arrows_and_tab_saves_it(page: Page, few: None) -> None:
    page.goto(SHOWN)
    place = cell(page, "Alpha", INDUSTRY)
    place.dblclick()
    place.get_by_role("combobox", name="Industry").press_sequentially("ruanjian")
    expect(place.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(place).to_contain_text("软件")
    expect(cell(page, "Alpha", LEVEL).get_by_label("Level")).to_be_focused()


def test_whoever_was_slower_sees_both(
    page: Page, few: None, open_context: Callable[..., BrowserContext], rep: Someone, watch: Watch
) -> None:
    watch.expect(409)
    page.goto(SHOWN)
    mine = cell(page, "Alpha", LEVEL)
    mine.dblclick()
    expect(mine.get_by_label("Level")).to_be_focused()
    other = open_context(rep).new_page()
    other.goto(SHOWN)
    theirs = cell(other, "Alpha", LEVEL)
    theirs.dblclick()
    theirs.get_by_label("Level").select_option("b")
    theirs.get_by_label("Level").press("Enter")
    expect(theirs).to_have_text("B – regular")
    mine.get_by_label("Level").select_option("c")
    mine.get_by_label("Level").press("Enter")
    expect(mine.get_by_role("alert")).to_contain_text("theirs is “B – regular”")
    mine.get_by_label("Level").press("Escape")
    expect(mine).to_have_text("B – regular")


def test_a_row_that_left_the_filter_stays_with_a_hint(page: Page, few: None) -> None:
    page.goto("/customers/?level__is=a")
    place = cell(page, "Alpha", LEVEL)
    place.dblclick()
    place.get_by_label("Level").select_option("c")
    place.get_by_role("button", name="Save").click()
    expect(place.get_by_role("img")).to_have_accessible_name(
        "This row does not fit the list any more. It stands here until the list is loaded anew."
    )
    page.reload()
    expect(page.get_by_role("heading", name="No customer fits")).to_be_visible()


def test_without_the_script_cells_are_edited_on_pages_of_their_own(
    few: None, open_context: Callable[..., BrowserContext], rep: Someone
) -> None:
    page = open_context(rep, scripted=False).new_page()
    page.goto("/customers/?sort=-name")
    page.get_by_role("link", name="Edit in the list").click()
    cell(page, "Beta", LEVEL).get_by_role("link", name="Level").click()
    page.get_by_label("Level").select_option("c")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".flash")).to_contain_text("“Beta” is saved.")
    expect(cell(page, "Beta", LEVEL)).to_contain_text("C – small")
    expect(page.locator("#list-results .row-link")).to_have_text(["Beta", "Alpha"])
    page.get_by_role("link", name="Stop editing").click()
    expect(cell(page, "Beta", LEVEL).get_by_role("link")).to_have_count(0)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_weight_of_a_cell(system: System, open_context: Callable[..., BrowserContext], language: str) -> None:
    rep = system.person("王小明", language=language)
    system.believable_customers(rep, 30)
    page = open_context(rep).new_page()
    page.goto(SHOWN)
    with Wire(page) as wire:
        for column in range(INDUSTRY, STAGE + 1):
            place = page.locator("#list-results tbody tr").first.locator("td:not(.check, .main)").nth(column)
            for act in (place.dblclick, lambda: page.keyboard.press("Enter")):
                wire.clear()
                act()
                wire.settle()
                assert [each.kind for each in wire.asked] == ["Fetch"], wire.told()
                assert wire.total <= 4096, wire.told()
            expect(place.locator("form")).to_have_count(0)
