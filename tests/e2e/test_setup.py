"""The first page of all: whoever started the program makes the first administrator, once."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import delete

from crm.domain.people.models import Person, PersonRole, WebSession
from crm.domain.people.setup import setup_token
from crm.web.idempotency import IdempotencyKey
from tests.e2e.system import System
from tests.e2e.watch import Watch


@pytest.fixture(scope="module")
def untouched() -> Iterator[System]:
    with System() as running:
        yield running


@pytest.fixture
def nobody(untouched: System) -> str:
    """The address that was printed, of a system without people."""
    with untouched.acting() as session:
        session.execute(delete(IdempotencyKey))
        session.execute(delete(PersonRole))
        session.execute(delete(WebSession))
        session.execute(delete(Person))
        session.flush()
        return f"{untouched.url}/setup?token={setup_token(untouched.settings)}"


def test_the_first_administrator_is_made_once(browser: Browser, untouched: System, nobody: str, scripted: bool) -> None:
    watch = Watch(untouched.url)
    context = watch.on(browser.new_context(java_script_enabled=scripted))
    page = context.new_page()
    page.goto(untouched.url)
    expect(page.get_by_text("Nobody has an account yet")).to_be_visible()

    page.goto(nobody)
    page.get_by_label("Your name").fill("李伟")
    page.get_by_label("E-mail").fill("liwei@example.com")
    page.get_by_label("Password").fill("1234567890")
    watch.expect(422)
    page.get_by_role("button", name="Make the account and sign in").click()
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.get_by_label("Your name")).to_have_value("李伟")

    page.get_by_label("Password").fill("a long first secret")
    page.get_by_role("button", name="Make the account and sign in").click()
    expect(page.get_by_role("heading", name="Home", exact=True)).to_be_visible()
    page.goto(f"{untouched.url}/customers/")
    expect(page.get_by_role("heading", name="No customers yet")).to_be_visible()

    page.goto(nobody)
    expect(page.get_by_role("heading", name="Home", exact=True)).to_be_visible()  # the link is worn out
    context.close()
    watch.settle()


def test_the_printed_address_is_the_one_that_opens(untouched: System) -> None:
    assert untouched.setup_url.startswith(f"{untouched.url}/setup?token=")
