"""Signing in and out, and being led where one wanted to go."""

from playwright.sync_api import Page, expect

from tests.cast import PASSWORD
from tests.e2e.system import Someone


def sign_in(page: Page, who: Someone, password: str = PASSWORD) -> None:
    page.get_by_label("E-mail").fill(who.email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_signing_in_leads_where_one_wanted_to_go_and_out_again(strange: Page, rep: Someone, watch) -> None:
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
