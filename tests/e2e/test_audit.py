"""The auditor's and the administrator's pages: nothing for axe to find, on a phone and on a desk, in both languages."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.system import System
from tests.e2e.test_axe import PAIRS, inspect

ADDRESSES = ("/audit", "/audit?kind=customer.changed", "/audit?record=nothing", "/audit/verification", "/admin/modules")


@pytest.mark.parametrize("language", PAIRS)
@pytest.mark.parametrize("address", ADDRESSES)
def test_axe_finds_nothing(system: System, open_context: Callable[..., Any], language: str, address: str) -> None:
    who = system.person("周审", language=language, role="administrator")
    page = open_context(who).new_page()
    page.goto(address)
    inspect(page, language, address)


def test_the_log_is_checked_and_the_answer_comes_to_the_page(
    system: System, open_context: Callable[..., Any], scripted: bool
) -> None:
    who = system.person("周审", role="administrator")
    page = open_context(who, scripted=scripted).new_page()
    page.goto("/audit/verification")
    page.get_by_role("button", name="Check log now").click()
    expect(page.locator("#audit-progress")).to_have_count(0, timeout=60_000)
    expect(page.get_by_role("button", name="Check log now")).to_be_visible()
    expect(page.get_by_text("sealed lines are as they were sealed")).to_be_visible()


def test_a_file_of_the_log_is_waited_for_and_saved(
    system: System, open_context: Callable[..., Any], scripted: bool
) -> None:
    who = system.person("周审", role="administrator")
    page = open_context(who, scripted=scripted).new_page()
    page.goto("/audit?type=people")
    page.get_by_role("button", name="Save log as CSV").click()
    link = page.get_by_role("link", name="Save the file")
    expect(link).to_be_visible(timeout=60_000)
    with page.expect_download() as saved:
        link.click()
    assert saved.value.suggested_filename.endswith(".csv")
    assert "周审" in saved.value.path().read_text("utf-8-sig")
