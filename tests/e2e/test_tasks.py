"""A rep's phone: a follow-up with a file and a next date; the task it makes is found, done, and opened again."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.system import Someone, System

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}


@pytest.fixture
def phone(open_context: Callable[..., BrowserContext], rep: Someone, scripted: bool) -> Page:
    return open_context(rep, scripted=scripted, **PHONE).new_page()


def test_from_a_follow_up_to_its_task_done(phone: Page, system: System, rep: Someone, tmp_path: Path) -> None:
    (customer_id,) = system.customers(rep, {"name": "上海云海智能科技有限公司"})
    offer = tmp_path / "报价.pdf"
    offer.write_bytes(b"%PDF-1.7 an offer")
    phone.goto(f"/customers/{customer_id}")
    composer = phone.locator("#composer")
    composer.locator("[name=body]").fill("Talked about the offer")
    composer.locator("[name=next_step]").fill("Ring 陈经理")
    composer.locator("[name=next_on]").fill("2031-02-03")
    composer.locator("[name=files]").set_input_files(offer)
    composer.locator("summary").click()
    composer.locator("[name=present]").fill("陈经理")
    composer.get_by_role("button", name="Save follow-up").click()
    expect(phone.locator("#messages")).to_contain_text("The follow-up is saved.")
    entries = phone.locator("#timeline-entries")
    with phone.expect_download() as download:
        entries.get_by_role("link", name="报价.pdf").click()
    assert download.value.path().read_bytes() == offer.read_bytes()
    expect(entries).to_contain_text("There: 陈经理")
    expect(phone.locator("#open-tasks")).to_contain_text("Ring 陈经理")

    phone.goto("/tasks/")
    phone.get_by_role("link", name="Mine").click()
    expect(phone.locator("#list-results")).to_contain_text("Ring 陈经理")
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"]
    phone.get_by_role("button", name=re.compile("Done.*Ring")).click()
    expect(phone.get_by_role("button", name=re.compile("Done.*Ring"))).to_have_count(0)
    phone.goto("/tasks/calendar?month=2031-02")
    day = phone.locator("td", has_text="Ring 陈经理")
    expect(day.locator("del")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"]
    day.get_by_role("link", name="Ring 陈经理").click()
    phone.get_by_role("button", name="Open again").click()
    expect(phone.get_by_role("button", name="Done")).to_be_visible()


def test_what_is_refused_keeps_the_chosen_files(
    page: Page, system: System, rep: Someone, tmp_path: Path, watch
) -> None:
    (customer_id,) = system.customers(rep, {"name": "Acme"})
    offer = tmp_path / "offer.pdf"
    offer.write_bytes(b"%PDF-1.7 an offer")
    page.goto(f"/customers/{customer_id}")
    composer = page.locator("#composer")
    composer.locator("[name=files]").set_input_files(offer)
    watch.expect(422)
    composer.get_by_role("button", name="Save follow-up").click()
    expect(composer.locator(".error-summary")).to_be_focused()
    composer.locator("[name=body]").fill("Now with words")
    composer.get_by_role("button", name="Save follow-up").click()
    expect(page.locator("#timeline-entries")).to_contain_text("offer.pdf")
    expect(composer.locator("[name=files]")).to_have_value("")
