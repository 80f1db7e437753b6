"""The administration in a real browser: shaped with and without the script, and axe finds nothing in it."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.system import PASSWORD, Someone, System
from tests.e2e.test_axe import inspect
from tests.e2e.test_customers import choose

Open = Callable[..., BrowserContext]


def test_a_company_is_set_up_and_somebody_leaves(
    open_context: Open, system: System, admin: Someone, scripted: bool
) -> None:
    leaving = system.person("Lea Leaving")
    system.customers(leaving, {"name": "Left behind"})
    page = open_context(admin, scripted=scripted).new_page()
    kind = "with" if scripted else "without"
    page.goto("/customers/")
    page.get_by_role("link", name="Administration").first.click()
    page.get_by_role("link", name="Departments", exact=True).click()
    page.get_by_label("Name").fill(f"Harbour {kind} script")
    page.get_by_role("button", name="Make department").click()
    expect(page.locator(".tree")).to_contain_text(f"Harbour {kind} script")

    page.goto("/admin/roles")
    page.get_by_label("Name").fill(f"Dockers {kind}")
    page.get_by_label("Begins as a copy of").select_option(label="Sales rep")
    page.get_by_role("button", name="Make role").click()
    page.get_by_role("combobox", name="See", exact=True).first.select_option(label="department and below")
    page.get_by_role("button", name="Save role").click()
    expect(page.get_by_role("combobox", name="See", exact=True).first).to_have_value("BRANCH")

    page.goto("/admin/people/new")
    page.get_by_label("Name").fill("Nora New")
    page.get_by_label("E-mail").fill(f"nora.{kind}@example.com")
    page.get_by_label("Department").select_option(label=f"Harbour {kind} script")
    page.get_by_label(f"Dockers {kind}", exact=True).check()
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name="Open account").click()
    expect(page.get_by_role("heading", name="Nora New")).to_be_visible()

    page.goto(f"/admin/people/{leaving.id}/departure")
    receiver = f"Nora New (nora.{kind}@example.com)"
    choose(page.locator("#receiver"), f"nora.{kind}@", receiver, scripted=scripted)
    page.get_by_role("button", name="Close account").click()
    expect(page.locator("#messages")).to_contain_text("1 records were handed over")
    page.get_by_role("button", name="Undo: open the account again").click()
    expect(page.locator("#messages")).to_contain_text("1 records were given back")


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_axe_finds_nothing_in_the_administration(open_context: Open, system: System, language: str) -> None:
    who: Any = system.person("王小明", "administrator", language=language, department=f"总部 {language}")
    other = system.person("李新", department=f"华东 {language}")
    (customer,) = system.customers(other, {"name": "杭州西湖龙井茶叶专业合作社"})
    page: Page = open_context(who).new_page()
    addresses = [
        "/admin/",
        "/admin/names",
        "/admin/tags",
        "/admin/pool",
        "/admin/pool/0",
        "/admin/fields/of/customers/new",
        "/admin/departments",
        "/admin/people",
        "/admin/people/new",
        "/admin/roles",
        "/admin/system",
    ]
    addresses += [
        "/admin/roles/1",
        "/admin/roles/5",
        f"/admin/people/{other.id}",
        f"/admin/people/{other.id}/departure",
    ]
    addresses += [f"/admin/people/{other.id}/rights", f"/records/customers/{customer}/shares"]
    addresses += [f"/records/customers/{customer}/why?person={other.email}", f"/customers/{customer}"]
    for address in addresses:
        page.goto(address)
        inspect(page, language, address)
    page.goto(f"/admin/people/{other.id}")
    page.locator(f'form[action="/admin/people/{other.id}/view"] button').click()
    page.locator(".viewing").wait_for()
    inspect(page, language, "view as")
