"""Signing in and out, being led where one wanted to go, and how one wants to see things."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.cast import PASSWORD
from tests.e2e.system import Someone, System
from tests.e2e.watch import Watch


def sign_in(page: Page, who: Someone, password: str = PASSWORD) -> None:
    page.get_by_label("E-mail").fill(who.email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_signing_in_leads_where_one_wanted_to_go_and_out_again(strange: Page, rep: Someone, watch: Watch) -> None:
    strange.goto("/customers/new")
    expect(strange.get_by_role("heading", name="Sign in")).to_be_visible()
    watch.expect(422)
    sign_in(strange, rep, "not the password")
    expect(strange.locator(".error-summary")).to_contain_text("wrong")
    sign_in(strange, rep)
    expect(strange.get_by_role("heading", name="New customer")).to_be_visible()
    strange.get_by_label("You and your settings").click()
    strange.get_by_role("button", name="Sign out").click()
    expect(strange.get_by_role("button", name="Sign in")).to_be_visible()
    strange.goto("/customers/")
    expect(strange.get_by_role("button", name="Sign in")).to_be_visible()


@pytest.mark.parametrize("target", ["//evil.example/", "/\\evil.example", "https://evil.example/"])
def test_signing_in_leads_nowhere_else(strange: Page, rep: Someone, system: System, target: str) -> None:
    strange.goto(f"/sign-in?next={target}")
    sign_in(strange, rep)
    expect(strange.get_by_role("heading", name="Home", exact=True)).to_be_visible()
    assert strange.url == f"{system.url}/home/"


def test_language_and_theme_are_chosen_and_kept(
    either: Page, rep: Someone, open_context: Callable[..., BrowserContext]
) -> None:
    page, root = either, either.locator("html")
    page.goto("/keyboard")
    page.get_by_label("You and your settings").click()
    page.get_by_role("button", name="Dark").click()
    expect(root).to_have_attribute("data-theme", "dark")
    page.locator(".person summary").click()
    page.get_by_role("button", name="中文").click()
    expect(root).to_have_attribute("lang", "zh-CN")
    assert page.url.endswith("/keyboard")  # the choice leads back
    elsewhere = open_context(rep).new_page()
    elsewhere.goto("/customers/")
    expect(elsewhere.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(elsewhere.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_stranger_chooses_the_language_of_the_sign_in_page(strange: Page) -> None:
    strange.goto("/sign-in")
    strange.get_by_role("button", name="中文").click()
    expect(strange.locator("html")).to_have_attribute("lang", "zh-CN")
    assert strange.url.endswith("/sign-in")


def test_a_new_password_is_used_from_then_on(
    either: Page, rep: Someone, watch: Watch, open_context: Callable[..., BrowserContext]
) -> None:
    elsewhere = open_context(rep).new_page()
    either.goto("/account/password")
    watch.expect(422)
    either.get_by_label("Current password").fill("not mine")
    either.get_by_label("New password").fill("another long secret")
    either.get_by_role("button", name="Change password").click()
    expect(either.locator(".error-summary")).to_be_focused()
    either.get_by_label("Current password").fill(PASSWORD)
    either.get_by_label("New password").fill("another long secret")
    either.get_by_role("button", name="Change password").click()
    expect(either.locator("#messages")).to_contain_text("The password is changed")
    elsewhere.goto("/customers/")
    sign_in(elsewhere, rep, "another long secret")
    expect(elsewhere.get_by_role("heading", name="Customers", exact=True)).to_be_visible()
