"""Many records at once in a browser: ticked, changed by a real worker, taken back."""

from playwright.sync_api import Page, expect

from tests.e2e.system import Someone, System


def test_ticked_rows_are_changed_and_taken_back(either: Page, system: System, rep: Someone) -> None:
    system.customers(rep, *({"name": f"公司{n}", "level": "b"} for n in range(3)))
    either.goto("/customers/")
    for n in (0, 2):
        either.get_by_role("checkbox", name=f"公司{n}").check()
    either.get_by_role("button", name="Change", exact=True).click()
    either.get_by_label("What to do with them").select_option("edit:level")
    either.get_by_role("button", name="Go on").click()
    either.get_by_label("Level", exact=True).select_option("a")
    either.get_by_role("button", name="Change 2 records").click()
    expect(either.get_by_role("heading", name="What became of the records")).to_be_visible(timeout=30_000)
    either.get_by_role("button", name="Take it back").click()
    expect(either.get_by_role("heading", name="What became of the records")).to_be_visible(timeout=30_000)
    either.goto("/customers/?level__is=b")
    expect(either.locator("#list-results .row-link")).to_have_count(3)


def test_a_filter_is_built_and_kept_as_a_tab(either: Page, scripted: bool, system: System, rep: Someone) -> None:
    system.customers(rep, {"name": "公司甲", "level": "a"}, {"name": "公司乙", "level": "b"})
    either.goto("/filters/customers")
    either.locator("#f0").select_option("level")
    if not scripted:
        either.get_by_role("button", name="Go on with another condition").click()
    either.locator("#v0").select_option("a")
    either.get_by_role("button", name="Show the list").click()
    expect(either.locator("#list-results .row-link")).to_have_text(["公司甲"])
    either.get_by_role("link", name="Save as view").click()
    either.get_by_label("Name").fill("Best")
    either.get_by_role("button", name="Save view").click()
    expect(either.locator(".tabs [aria-current]")).to_have_text("Best")
