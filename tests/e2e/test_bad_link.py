"""A bad link, an expired session, a closed page: nothing typed is lost, nothing happens twice."""

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from tests.cast import PASSWORD
from tests.e2e.system import Someone, System
from tests.e2e.watch import Watch

KEPT = "What you had typed before is back."


@pytest.fixture
def acme(system: System, rep: Someone) -> str:
    (customer_id,) = system.customers(rep, {"name": "Acme"})
    return f"/customers/{customer_id}"


def bodies(page: Page) -> list[str]:
    return page.locator("#timeline-entries [id^=follow-up-] > p:first-child").all_inner_texts()


def write(page: Page, words: str) -> None:
    page.locator("#composer [name=body]").fill(words)


def save(page: Page) -> None:
    page.get_by_role("button", name="Save follow-up").click()


def test_what_could_not_be_sent_is_sent_once_when_the_link_is_back(page: Page, acme: str, watch: Watch) -> None:
    page.goto(acme)
    watch.link_may_fail = True
    page.context.set_offline(True)
    write(page, "Written in the lift")
    save(page)
    expect(page.locator("#connection")).to_contain_text("Kept here, will be sent again")
    page.context.set_offline(False)
    expect(page.locator("#timeline-entries")).to_contain_text("Written in the lift")
    expect(page.locator("#connection")).to_be_hidden()
    page.reload()
    assert bodies(page) == ["Written in the lift"]


def test_an_answer_that_was_lost_makes_no_second_follow_up(page: Page, acme: str, watch: Watch) -> None:
    page.goto(acme)
    watch.link_may_fail = True
    lost = []

    def arrives_but_answer_is_lost(route: Route) -> None:
        if lost:
            return route.continue_()
        lost.append(route.fetch())
        return route.abort("connectionreset")

    page.route("**/follow-ups", arrives_but_answer_is_lost)
    write(page, "Said once")
    save(page)
    expect(page.locator("#connection")).to_be_visible()
    page.get_by_role("button", name="Try now").click()
    expect(page.locator("#timeline-entries")).to_contain_text("Said once")
    page.reload()
    assert bodies(page) == ["Said once"]
    assert lost[0].status == 200


def test_a_draft_outlives_the_page_and_goes_when_it_is_saved(page: Page, acme: str) -> None:
    page.goto(acme)
    write(page, "Half a thought")
    page.goto("/keyboard")
    page.goto(acme)
    expect(page.locator("#composer")).to_contain_text(KEPT)
    expect(page.locator("#composer [name=body]")).to_have_value("Half a thought")
    save(page)
    expect(page.locator("#timeline-entries")).to_contain_text("Half a thought")
    page.reload()
    expect(page.locator("#composer [name=body]")).to_have_value("")
    expect(page.get_by_text(KEPT)).to_have_count(0)


def test_a_draft_can_be_discarded(page: Page) -> None:
    page.goto("/customers/new")
    page.get_by_label("Full name").fill("Perhaps")
    page.goto("/keyboard")
    page.goto("/customers/new")
    expect(page.get_by_label("Full name")).to_have_value("Perhaps")
    page.get_by_role("button", name="Discard it").click()
    expect(page.get_by_label("Full name")).to_have_value("")
    page.reload()
    expect(page.get_by_label("Full name")).to_have_value("")


def test_an_expired_session_signs_in_again_in_place_and_the_form_goes_on(
    page: Page, acme: str, rep: Someone, watch: Watch
) -> None:
    page.goto(acme)
    write(page, "Written over lunch")
    page.context.clear_cookies()
    watch.expect(401, 422)
    save(page)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Your session has ended")
    dialog.get_by_label("E-mail").fill(rep.email)
    dialog.get_by_label("Password").fill("not mine")
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog.locator(".error-summary")).to_contain_text("wrong")
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()
    expect(page.locator("#timeline-entries")).to_contain_text("Written over lunch")
    expect(dialog).to_be_hidden()
    write(page, "And another")
    save(page)
    expect(page.locator("#timeline-entries")).to_contain_text("And another")


def test_an_answer_from_before_signing_in_again_asks_nothing_and_ends_nothing(
    page: Page, acme: str, rep: Someone, watch: Watch
) -> None:
    held: list[tuple[Route, APIResponse]] = []
    page.route("**/follow-ups/draft", lambda route: held.append((route, route.fetch())), times=1)
    page.goto(acme)
    page.context.clear_cookies()
    watch.expect(401)
    with page.expect_request("**/follow-ups/draft"):
        write(page, "Written over lunch")
    save(page)
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("E-mail").fill(rep.email)
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()
    expect(page.locator("#timeline-entries")).to_contain_text("Written over lunch")
    ((route, late),) = held
    assert late.status == 401
    with page.expect_response(lambda answer: answer.status == 401):
        route.fulfill(response=late)
    write(page, "And another")
    save(page)
    expect(page.locator("#timeline-entries")).to_contain_text("And another")
    expect(dialog).to_be_hidden()


def test_a_session_that_another_tab_has_opened_again_is_not_asked_for(
    page: Page, acme: str, rep: Someone, watch: Watch
) -> None:
    page.goto(acme)
    with page.expect_response("**/follow-ups/draft"):  # or it would be kept while the other tab signs in
        write(page, "Written over lunch")
    page.context.clear_cookies()
    watch.expect(401)
    asked: list[Route] = []
    page.route("**/sign-in/again", lambda route: asked.append(route))  # noqa: PLW0108 (a bound method of C bears no marks)
    with page.expect_request("**/sign-in/again"):
        save(page)
    other = page.context.new_page()
    other.goto("/sign-in")
    other.get_by_label("E-mail").fill(rep.email)
    other.get_by_label("Password").fill(PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_label("You and your settings")).to_be_visible()
    other.close()
    asked.pop().continue_()
    expect(page.locator("#timeline-entries")).to_contain_text("Written over lunch")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_another_dialog_closed_while_the_sign_in_form_is_fetched_drops_nothing(
    page: Page, acme: str, rep: Someone, watch: Watch
) -> None:
    page.goto(acme)
    write(page, "Written over lunch")
    saving: list[Route] = []
    page.route("**/follow-ups", lambda route: saving.append(route), times=1)  # noqa: PLW0108 (as above)
    with page.expect_request("**/follow-ups"):
        save(page)
    page.get_by_label("You and your settings").click()
    page.get_by_role("link", name="Keyboard").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Keyboard")
    page.context.clear_cookies()
    watch.expect(401)
    asked: list[Route] = []
    page.route("**/sign-in/again", lambda route: asked.append(route), times=1)  # noqa: PLW0108
    with page.expect_request("**/sign-in/again"):
        saving.pop().continue_()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    asked.pop().continue_()
    expect(dialog).to_contain_text("Your session has ended")
    dialog.get_by_label("E-mail").fill(rep.email)
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()
    expect(page.locator("#timeline-entries")).to_contain_text("Written over lunch")


def test_a_new_customer_survives_an_expired_session(page: Page, rep: Someone, system: System) -> None:
    page.goto("/customers/new")
    with page.expect_response("**/hint?**"):  # or it would be asked for when the session has ended
        page.get_by_label("Full name").fill("Kept over lunch")
    page.context.clear_cookies()
    page.get_by_role("button", name="Save customer").click()
    page.get_by_label("E-mail").fill(rep.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("You and your settings")).to_be_visible()
    page.goto("/customers/new")
    expect(page.get_by_label("Full name")).to_have_value("Kept over lunch")
    page.get_by_role("button", name="Save customer").click()
    expect(page.get_by_role("heading", name="Kept over lunch")).to_be_visible()
    assert len(system.customers_of(rep)) == 1


def test_signing_out_forgets_the_drafts(page: Page, acme: str) -> None:
    page.goto(acme)
    write(page, "Nobody else's business")
    page.goto("/keyboard")
    page.get_by_label("You and your settings").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert page.evaluate("Object.keys(localStorage)") == []
