"""A report put together in a browser, with and without script; axe finds nothing."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.system import System
from tests.e2e.test_axe import inspect
from tests.e2e.watch import Watch

OPENED = {"width": 1280, "height": 900}


@pytest.fixture
def page(system: System, open_context: Callable[..., Any]) -> Page:
    who = system.person("王小明")
    system.believable_customers(who, 12)
    return open_context(who, viewport=OPENED).new_page()


def _saved(page: Page) -> None:
    page.locator("[name=name]").last.fill("By level")
    page.get_by_role("button", name="Save report").last.click()
    page.wait_for_url(re.compile(r"/reports/\d+$"))
    expect(page.locator("h1")).to_have_text("By level")


def test_the_table_follows_what_is_chosen(page: Page, watch: Watch) -> None:
    page.goto("/reports/new?type=customers")
    page.get_by_label("Told apart by").focus()
    page.get_by_label("Told apart by").select_option("level")
    expect(page.locator(".report tbody tr")).not_to_have_count(1)
    page.get_by_label("Picture").select_option("bars")
    expect(page.locator(".report svg.picture")).to_be_visible()
    link = page.locator(".report tbody tr").first.locator("td a").first
    number = link.inner_text()
    _saved(page)
    page.locator(".report tbody tr").first.locator("td a").first.click()
    expect(page.locator("#list-results .row-link")).to_have_count(int(number))
    page.goto("/reports/")
    expect(page.locator(".row-link")).to_have_text("By level")


def test_without_script_it_is_a_form(system: System, open_context: Callable[..., Any], watch: Watch) -> None:
    who = system.person("王小明")
    system.believable_customers(who, 12)
    page = open_context(who, viewport=OPENED, java_script_enabled=False).new_page()
    page.goto("/reports/new?type=customers")
    page.get_by_label("Told apart by").select_option("level")
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_url("**r1=level**")
    expect(page.locator(".report tbody tr")).not_to_have_count(1)
    _saved(page)


def test_axe_finds_nothing(page: Page, watch: Watch) -> None:
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto("/reports/")
            inspect(page, "en", f"reports, {theme}")
            page.goto("/reports/new?type=customers&r1=level&c=source&m1=count&picture=stacked")
            inspect(page, "en", f"report, {theme}")
