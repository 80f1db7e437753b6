"""The board of a pipeline in a real browser: by mouse, by keyboard, without the script, and while others move cards."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import update

from crm.domain.customers import actions as customers
from crm.domain.opportunities import actions
from crm.domain.opportunities.models import Opportunity
from crm.kernel.access import unscoped
from tests.e2e.system import Someone, System
from tests.e2e.test_axe import inspect
from tests.e2e.watch import Watch

Open = Callable[..., BrowserContext]
BOARD = "/opportunities/board?pipeline=sales"


@pytest.fixture
def deals(system: System, rep: Someone) -> list[int]:
    """Three in the first stage, the newest on top; one more won't wait: it is stale."""
    with system.acting() as session:
        acme = customers.create(rep.actor, {"name": "Acme"})
        rows = [{"name": name, "customer": acme, "amount": Decimal(1000)} for name in ("Third", "Second", "First")]
        made = [actions.create(rep.actor, row) for row in rows]
        with unscoped("a test makes one old"):
            old = update(Opportunity).where(Opportunity.id == made[0])
            session.execute(old.values(stage_since="2026-01-05T00:00:00Z"))
        return made


def cards(page: Page, stage: str) -> list[str]:
    return page.locator(f"#cards-{stage} .deal .row-link").all_inner_texts()


def drag(page: Page, card: int, to: str, *, low: bool = False) -> None:
    """By hand: a little way first, as a person does."""
    start, end = page.locator(f"#card-{card}").bounding_box(), page.locator(to).bounding_box()
    assert start and end
    page.mouse.move(start["x"] + start["width"] - 12, start["y"] + 8)
    page.mouse.down()
    page.mouse.move(start["x"] + start["width"] - 20, start["y"] + 14, steps=3)
    page.mouse.move(end["x"] + 30, end["y"] + end["height"] * (0.8 if low else 0.2), steps=8)
    with page.expect_response("**/stage") as answer:
        page.mouse.up()
    assert len(answer.value.body()) <= 4 * 1024


def test_cards_go_where_they_are_put(page: Page, deals: list[int], watch: Watch) -> None:
    third, second, first = deals
    page.set_viewport_size({"width": 1680, "height": 900})
    page.goto(BOARD)
    assert cards(page, "contacted") == ["First", "Second", "Third"]
    expect(page.locator(f"#card-{third}")).to_contain_text("Stale")
    drag(page, second, "#cards-proposal")
    expect(page.locator("#head-proposal")).to_contain_text("CN¥500.00")
    expect(page.locator("#head-contacted")).to_contain_text("CN¥2,000.00")
    drag(page, first, f"#card-{third}", low=True)
    page.reload()
    assert (cards(page, "contacted"), cards(page, "proposal")) == (["Third", "First"], ["Second"])

    link = page.locator(f"#card-{third} .row-link")
    link.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(f"#card-{first} .row-link")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("#board-said")).to_have_text("“Third” stands in “Needs clear” now.")
    expect(page.locator(f"#cards-needs #card-{third} .row-link")).to_be_focused()
    expect(page.locator("#board-news")).to_have_text("")

    watch.expect(422)
    drag(page, second, "#cards-lost")
    expect(page.locator(f"#card-{second} select")).to_be_visible()
    page.locator(f"#card-{second} select").select_option("price")
    page.locator(f"#card-{second} button").click()
    expect(page.locator("#head-lost")).to_contain_text("1")
    expect(page.locator(f"#cards-lost #card-{second} .row-link")).to_be_visible()
    drag(page, first, "#cards-lost")
    page.locator(f"#card-{first} .btn", has_text="Cancel").click()
    expect(page.locator(f"#cards-contacted #card-{first} .row-link")).to_be_visible()
    page.reload()
    assert [cards(page, each) for each in ("contacted", "needs", "lost")] == [["First"], ["Third"], ["Second"]]


def test_without_the_script_a_stage_is_chosen(open_context: Open, rep: Someone, deals: list[int], watch: Watch) -> None:
    watch.expect(422)
    page = open_context(rep, scripted=False).new_page()
    page.goto(BOARD)
    page.locator(f"#card-{deals[2]} .move").click()
    page.get_by_label("Stage").select_option("lost")
    page.get_by_role("button", name="Move").click()
    page.get_by_label("Lost because").select_option("silence")
    page.get_by_role("button", name="Move").click()
    expect(page.locator("#messages")).to_contain_text("stands in “Lost” now")
    assert cards(page, "lost") == ["First"]
    page.locator("#cards-lost .row-link").click()
    page.get_by_role("button", name="Proposal").click()
    expect(page.locator("[aria-current=step]")).to_have_text("Proposal")


def test_others_who_move_a_card_are_noticed(system: System, page: Page, rep: Someone, deals: list[int]) -> None:
    page.goto(BOARD)
    with system.acting():
        actions.change_many(rep.actor, [(deals[0], {"stage": "needs"})])
    expect(page.locator("#board-news")).to_contain_text("Somebody changed something")
    page.locator("#board-news a").click()
    expect(page.locator(f"#cards-needs #card-{deals[0]}")).to_be_visible()
    expect(page.locator("#board-news")).to_have_text("")


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_axe_finds_nothing(open_context: Open, system: System, language: str) -> None:
    who = system.person("王小明", "administrator", language=language)
    with system.acting():
        acme = customers.create(who.actor, {"name": "Acme"})
        made = actions.create(who.actor, {"name": "Deal", "customer": acme, "amount": Decimal(10)})
    page = open_context(who, viewport={"width": 360, "height": 800}).new_page()
    stage = f"/opportunities/{made}/stage"
    shaping = ("/admin/pipelines", "/admin/pipelines/1", "/admin/pipelines/stages/1")
    for address in (BOARD, f"/opportunities/{made}", stage, *shaping):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{address} scrolls sideways"
        inspect(page, language, address)
