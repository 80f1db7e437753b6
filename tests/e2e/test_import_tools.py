"""What an import offers between file and records, with and without the script: axe finds nothing in it either."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.importing import LONG, arrive, check, numbers, run, upload
from tests.e2e.test_axe import inspect
from tests.e2e.watch import Watch
from tests.e2e.wire import wait_until

HERE = "name,phone,level,Kontakt\nUmbra Optics Ltd,13800138111,C,\nVela Marine Works,13800138112,,\n"
FILE = (
    "name,phone,level,Kontakt\nUmbra Optic Ltd.,13800138111,A,x/13900139111\nVela Marine Works,13800138112,B,\n"
    "Corvus Tools,12,Gold,\n Lyra Foods ,138 0013 8113,A,\n"
)


def brought(page: Page, path: Path, content: str) -> None:
    path.write_text(content)
    upload(page, path)


def test_cells_rows_and_the_whole_are_put_right_before_anything_is_written(
    either: Page, scripted: bool, tmp_path: Path, watch: Watch
) -> None:
    page = either
    brought(page, tmp_path / "here.csv", HERE)
    check(page)
    run(page)
    arrive(page)
    brought(page, tmp_path / "file.csv", FILE)
    page.get_by_text("Divide a column").click()
    page.locator("[name=column]").select_option("3")
    page.locator("[name=separator]").fill("/")
    page.get_by_role("button", name="Divide it").click()
    expect(page.locator("#heading-5")).to_have_text("Kontakt · 2")
    look(page, scripted, "mapping")
    check(page)
    base = page.url.removesuffix("/check")
    assert numbers(page)["with problems"] == 1
    look(page, scripted, "check")

    page.get_by_role("link", name="Correct them here").click()
    look(page, scripted, "fixes")
    page.locator("[name='cell-4-1']").fill("13700137000")
    page.locator("[name='cell-4-2']").fill("B")
    page.get_by_role("button", name="Save the corrections").click()
    expect(page.get_by_role("heading", name="Check the rows")).to_be_visible()
    assert numbers(page)["with problems"] == 0

    page.get_by_role("link", name="Cleaning report").click()
    expect(page.locator("main")).to_contain_text("138 0013 8113 → +8613800138113")
    look(page, scripted, "cleaning")
    page.goto(f"{base}/conversions")
    look(page, scripted, "conversions")

    page.goto(f"{base}/likes")
    expect(page.locator("fieldset.likes")).to_have_count(1)
    look(page, scripted, "likes")
    page.locator("[name='way-2'][value=merge]").check()
    page.get_by_role("button", name="Save and go on").click()
    page.goto(f"{base}/check")
    page.locator("[name=duplicates][value=fill]").check()
    page.get_by_role("button", name="Dry run").click()
    page.get_by_role("link", name="See every row").click(timeout=LONG)
    expect(page.locator("#rows")).to_contain_text("Level: ∅ → B – regular")
    look(page, scripted, "rehearsal")
    said = numbers(page)
    page.goto(f"{base}/check")
    expect(page.locator("[name=duplicates][value=fill]")).to_be_checked()
    run(page)
    arrive(page)
    assert (
        numbers(page)
        == said
        == {
            **dict.fromkeys(("merged", "failed"), 0),
            "rows in the file": 4,
            "created": 2,
            "updated": 1,
            "skipped": 1,
        }
    )
    look(page, scripted, "report")


def look(page: Page, scripted: bool, name: str) -> None:
    if scripted:  # axe is a script
        inspect(page, "en", name)


def test_the_quality_of_the_data_leads_to_lists(system: Any, open_context: Any, watch: Watch) -> None:
    who = system.person("Quentin Quality", "administrator")
    system.customers(who, {"name": "Norma Optics"})  # without anything else
    page = open_context(who).new_page()
    page.goto("/quality/")
    page.get_by_role("button", name="Count now").click()

    def counted() -> bool:
        page.goto("/quality/")
        return page.locator(".quality").count() > 0

    wait_until(counted, 60, lambda: page.wait_for_timeout(250))
    inspect(page, "en", "quality")
    page.locator("main table").first.get_by_role("link").first.click()
    expect(page.locator("#list-results tbody tr").first).to_be_visible()
    page.goto("/quality/settings")
    inspect(page, "en", "settings of quality")
