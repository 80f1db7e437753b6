"""The steps of an import as a person takes them, in any language."""

from pathlib import Path

from playwright.sync_api import Page, expect

LONG = 60_000  # ms: a machine that does other things too


def choose_file(page: Page, path: Path) -> None:
    page.goto("/imports/new")
    page.locator("[name=file]").set_input_files(path)
    page.locator("main form [type=submit]").click()


def upload(page: Page, path: Path) -> None:
    choose_file(page, path)
    expect(page.locator("#columns")).to_be_visible(timeout=LONG)


def check(page: Page) -> None:
    page.locator("#columns [type=submit]").click()
    expect(page.locator(".sums")).to_be_visible(timeout=LONG)


def run(page: Page) -> None:
    page.locator("form[action$='/run'] [type=submit]").first.click()


def arrive(page: Page) -> None:
    """However the page gets to the report: by its stream, by polling or by refreshing itself."""
    page.wait_for_url("**/report", timeout=LONG)


def numbers(page: Page) -> dict[str, int]:
    """What the page says of the rows: words → count."""
    shown = page.locator(".sums li").all_inner_texts()
    return {words.strip(): int(count.replace(",", "")) for count, words in (each.strip().split("\n") for each in shown)}
