"""A dashboard on a phone: axe finds nothing, and its tables open and lead to lists."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.e2e.system import System
from tests.e2e.test_axe import inspect
from tests.e2e.watch import Watch


def test_a_dashboard_on_a_phone(system: System, open_context: Callable[..., Any], watch: Watch) -> None:
    who = system.person("王小明")
    system.believable_customers(who, 12)
    page = open_context(who, viewport={"width": 360, "height": 740}).new_page()
    page.goto("/dashboards/customers?span=year")
    tile = page.locator("#tile-new")
    expect(tile.locator("svg.picture")).to_be_visible()
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        tile.locator("summary").click()
        inspect(page, "en", f"dashboard, {theme}")
        page.set_viewport_size({"width": 360, "height": 740})
    page.locator("[name=span]").select_option("days")
    page.locator("[name=from]").fill("2026-01-01")
    page.locator(".asked button").click()
    page.wait_for_url("**span=days**from=2026-01-01**")
    page.locator("#tile-levels summary").click()
    link = page.locator("#tile-levels td a").first
    number = link.inner_text()
    link.click()
    expect(page.locator("#list-results .row-link")).to_have_count(int(number))
