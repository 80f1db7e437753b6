"""The timeline: a follow-up is written, changed and deleted; what is older comes on asking."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.system import Someone, System
from tests.e2e.watch import Watch


@pytest.fixture
def acme(system: System, rep: Someone) -> str:
    (customer_id,) = system.customers(rep, {"name": "上海云海智能科技有限公司"})
    return f"/customers/{customer_id}"


def test_a_follow_up_is_written_changed_and_deleted(either: Page, acme: str) -> None:
    page, entries = either, either.locator("#timeline-entries")
    page.goto(acme)
    composer = page.locator("#composer")
    composer.locator(".kinds").get_by_text("Visit").click()
    composer.locator("[name=body]").fill("Toured the plant & <b>met</b> 陈经理")
    composer.locator("[name=next_step]").fill("Send the offer")
    composer.locator("[name=next_on]").fill("2031-02-03")
    composer.get_by_role("button", name="Save follow-up").click()
    expect(page.locator("#messages")).to_contain_text("The follow-up is saved.")
    expect(entries).to_contain_text("Toured the plant & <b>met</b> 陈经理")
    expect(page.locator("#composer [name=body]")).to_have_value("")

    entries.get_by_role("link", name="Edit").click()
    form = page.locator("form[id^=follow-up-]")
    form.get_by_role("link", name="Cancel").click()
    expect(form).to_have_count(0)
    entries.get_by_role("link", name="Edit").click()
    form.get_by_label("Result").fill("They liked it")
    form.get_by_role("button", name="Save follow-up").click()
    expect(entries).to_contain_text("They liked it")
    expect(entries).to_contain_text("changed a follow-up")

    entries.get_by_role("button", name="Delete").click()
    expect(entries).to_contain_text("deleted a follow-up")
    expect(entries.get_by_role("button", name="Delete")).to_have_count(0)
    assert page.url.endswith(acme)


def test_a_text_field_made_larger_by_hand_breaks_no_policy(page: Page, acme: str) -> None:
    page.goto(acme)
    body = page.locator("#composer [name=body]")
    body.fill("A long story")
    box = body.bounding_box()
    assert box
    corner = (box["x"] + box["width"] - 4, box["y"] + box["height"] - 4)
    page.mouse.move(*corner)
    page.mouse.down()
    page.mouse.move(corner[0], corner[1] + 60)
    page.mouse.up()
    expect(body).to_have_attribute("style", re.compile("height"))
    page.get_by_role("button", name="Save follow-up").click()
    expect(page.locator("#timeline-entries")).to_contain_text("A long story")  # and the watch found nothing refused


def test_an_empty_follow_up_is_refused_and_the_rest_stays(either: Page, acme: str, watch: Watch) -> None:
    watch.expect(422)
    either.goto(acme)
    either.locator("#composer [name=result]").fill("They liked it")
    either.get_by_role("button", name="Save follow-up").click()
    expect(either.locator("#composer .error-summary")).to_be_focused()
    expect(either.locator("#composer [name=result]")).to_have_value("They liked it")
    expect(either.locator("#timeline-entries")).not_to_contain_text("They liked it")


def test_changing_one_follow_up_leaves_another_half_written(
    page: Page, system: System, rep: Someone, acme: str, watch: Watch
) -> None:
    system.follow_ups(rep, int(acme.rpartition("/")[2]), ["The first"])
    page.goto(acme)
    composer, entries = page.locator("#composer [name=body]"), page.locator("#timeline-entries")
    composer.fill("Half a thought")
    entries.get_by_role("link", name="Edit").click()
    form = entries.locator("form[id^=follow-up-][method=post]")
    form.get_by_label("What happened").fill(" ")
    watch.expect(422)
    form.get_by_role("button", name="Save follow-up").click()
    expect(form.locator(".error-summary")).to_be_focused()
    form.locator(".error-summary a").click()
    expect(form.get_by_label("What happened")).to_be_focused()
    form.get_by_label("What happened").fill("The first, in better words")
    form.get_by_role("button", name="Save follow-up").click()
    expect(entries).to_contain_text("in better words")
    expect(entries.locator("li").first).to_contain_text("changed a follow-up")
    entries.get_by_role("button", name="Delete").click()
    expect(entries).to_contain_text("deleted a follow-up")
    expect(composer).to_have_value("Half a thought")


def test_what_was_saved_at_once_does_not_come_back_as_a_draft(page: Page, acme: str) -> None:
    page.goto(acme)
    page.locator("#composer [name=body]").press_sequentially("Quick")
    page.get_by_role("button", name="Save follow-up").click()
    expect(page.locator("#timeline-entries")).to_contain_text("Quick")
    with page.expect_request("**/follow-ups/draft") as kept:  # what is typed now; the old timer is past by then
        page.locator("#composer [name=body]").press_sequentially("Next")
    assert "Next" in (kept.value.post_data or "")
    page.reload()
    expect(page.locator("#composer [name=body]")).to_have_value("Next")


def test_older_entries_come_below_the_newer(either: Page, system: System, rep: Someone, acme: str) -> None:
    system.follow_ups(rep, int(acme.rpartition("/")[2]), [f"entry-{n:02d}" for n in range(25)])
    page, entries = either, either.locator("#timeline li")
    page.goto(acme)
    expect(entries).to_have_count(20)
    expect(entries.first).to_contain_text("entry-24")
    page.get_by_role("link", name="Older entries").click()
    expect(page.get_by_text("created this customer")).to_be_visible()
    expect(page.get_by_text("entry-00")).to_be_visible()
    expect(page.get_by_role("link", name="Older entries")).to_have_count(0)
