"""An administrator writes a rule in words, looks at what it would do and switches it on; the program obeys."""

from collections.abc import Callable
from contextlib import suppress

from playwright.sync_api import BrowserContext, Error, Page, Route, expect

from crm.domain.customers import actions as customers
from crm.infra.embedded.process import wait_until
from tests.e2e.system import Someone, System
from tests.e2e.watch import Watch


def choose(page: Page, control: str, value: str, *, scripted: bool, then: str) -> None:
    """With a script the controls that go with a choice come by themselves; without one by “Go on”."""
    page.locator(f'[id="{control}"]').select_option(value)
    if not scripted:
        page.get_by_role("button", name="Go on").click()
    expect(page.locator(f'[id="{then}"]')).to_be_visible()


def test_a_rule_is_written_in_words_tried_and_obeyed(
    system: System,
    admin: Someone,
    rep: Someone,
    open_context: Callable[..., BrowserContext],
    watch: Watch,
    scripted: bool,
) -> None:
    watch.expect(422)
    name, rule = f"云海{system.number}有限公司", f"Worth a call {system.number}"
    with system.acting():
        id_ = customers.create(rep.actor, {"name": name, "level": "c"})
    page = open_context(admin, scripted=scripted).new_page()
    page.goto("/admin/")
    page.locator("main").get_by_role("link", name="Automation").click()
    page.get_by_role("link", name="New rule").click()
    page.get_by_label("Name", exact=False).first.fill(rule)
    choose(page, "type", "customers", scripted=scripted, then="kind")
    choose(page, "kind", "changed", scripted=scripted, then="w-field")
    choose(page, "w-field", "level", scripted=scripted, then="w-to")
    page.locator("#w-to").select_option("a")
    choose(page, "f0", "name", scripted=scripted, then="v0")
    page.locator("#v0").fill(name)
    choose(page, "a0-do", "task", scripted=scripted, then="a0-title")
    page.get_by_role("button", name="Save rule").click()
    expect(page.locator(".error-summary")).to_contain_text("Say what it is called")
    page.locator("#a0-title").fill("Call {name}")
    page.locator("#a0-whom").select_option("owner")
    choose(page, "a1-do", "notify", scripted=scripted, then="a1-whom")
    page.locator("#a1-whom").select_option("owner")
    page.get_by_role("button", name="Go on").click()
    said = page.locator("#rule-words")
    asked = f"When “Level” of one of the customers changes to “A – key”, if Full name contains “{name}”"
    expect(said).to_contain_text(asked)
    expect(said).to_contain_text("make a task “Call {name}” for the owner of the customer, due in 0 days; tell the")
    page.get_by_role("button", name="Save rule").click()
    expect(page.locator("main")).to_contain_text("conditions would have held: 0.")
    page.get_by_role("button", name="Switch on").click()
    mine = page.locator("li.card", has_text=rule)
    expect(mine.locator(".badge")).to_have_text("on")

    theirs = open_context(rep, scripted=scripted).new_page()
    theirs.goto(f"/customers/{id_}/sections/basics/edit")
    theirs.get_by_label("Level").select_option("a")
    theirs.get_by_role("button", name="Save changes").click()
    expect(theirs.locator("main dd", has_text="A – key")).to_be_visible()
    assert wait_until(lambda: _told(theirs, f"{rule}: {name}"), 60, pause=0.2)
    theirs.goto("/tasks/")
    expect(theirs.locator("#list-results")).to_contain_text(f"Call {name}")
    mine.get_by_role("link", name="History").click()
    row = page.locator("main li.card", has_text=name)
    expect(row).to_contain_text("Make a task: Sam Rep")
    expect(row).to_contain_text("C – small → A – key")
    page.goto("/admin/automation")
    page.locator("li.card", has_text=rule).get_by_role("button", name="Switch off").click()
    expect(page.locator("#messages")).to_contain_text("is off")


def _told(page: Page, words: str) -> bool:
    page.goto("/notifications/")
    return words in page.locator("main").inner_text()


def test_an_answer_that_comes_late_takes_nothing_away(
    admin: Someone, open_context: Callable[..., BrowserContext], watch: Watch
) -> None:
    """Two choices in a row: the answer to the first one is overtaken by the answer to the second."""
    page = open_context(admin).new_page()
    page.goto("/admin/automation/new?type=customers&w-kind=changed")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route) if not held else route.continue_()

    page.route("**/admin/automation", hold)
    page.locator("#w-field").select_option("level")
    assert wait_until(lambda: page.evaluate("1") and bool(held), 60, pause=0.05)
    page.locator('[id="a0-do"]').select_option("task")
    expect(page.locator('[id="a0-title"]')).to_be_visible()
    page.locator("#f0").select_option("name")
    expect(page.locator("#v0")).to_be_visible()
    with suppress(Error):  # nobody waits for it any more
        held[0].continue_()
    page.locator("#v0").fill("typed")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("#v0")).to_have_value("typed")
    expect(page.locator('[id="a0-title"]')).to_be_visible()
    expect(page.locator("#w-field")).to_have_value("level")
