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
