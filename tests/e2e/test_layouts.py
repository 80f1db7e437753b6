"""Layouts arranged in a real browser: by mouse, by keyboard, without the script; and axe finds nothing in it."""

import re
from collections.abc import Callable
from functools import partial

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from crm.domain.fields import actions as fields
from crm.domain.fields.drafts import Draft
from crm.domain.fields.models import FieldDefinition
from crm.domain.layouts import actions, arranging
from crm.domain.people.granting import create_role, give_roles
from crm.domain.people.models import Person, Role
from crm.domain.registry import RECORD_TYPES
from crm.kernel.kinds import FieldKind
from tests.e2e.system import Someone, System
from tests.e2e.test_axe import inspect
from tests.e2e.watch import Watch
from tests.e2e.wire import Wire

Open = Callable[..., BrowserContext]
CUSTOMER = RECORD_TYPES["customers"]


@pytest.fixture
def layout(system: System, admin: Someone, rep: Someone) -> str:
    """The address of a layout that is this rep's alone."""
    with system.acting() as session:
        like = session.query(Role).filter_by(key="sales_rep").one()
        role = create_role(admin.actor, name=f"Role of {rep.email}", like=like)
        session.flush()
        row = actions.make(admin.actor, CUSTOMER, f"Layout of {rep.email}")
        actions.change(admin.actor, row, name=row.name, roles=[role.id])
        give_roles(admin.actor, session.get(Person, rep.id), [role])
        session.flush()
        return f"/admin/layouts/{row.id}"


def tiles(page: Page, section: str) -> list[str]:
    return page.locator(f"[data-section={section}] .tile").evaluate_all("all => all.map(each => each.id.slice(5))")


def drag(page: Page, tile: str, to: str) -> None:
    """By hand: a little way first, as a person does."""
    start, end = page.locator(f"#tile-{tile} label").bounding_box(), page.locator(to).bounding_box()
    assert start and end
    page.mouse.move(start["x"] + 40, start["y"] + 8)
    page.mouse.down()
    page.mouse.move(start["x"] + 60, start["y"] + 14, steps=3)
    page.mouse.move(end["x"] + 12, end["y"] + end["height"] / 2, steps=8)
    with page.expect_response("**/arrangement"):
        page.mouse.up()


def controls(page: Page) -> list[str]:
    page.goto("/customers/new")
    return page.locator("#record-form .field [name]").evaluate_all("all => all.map(each => each.name)")


def test_a_field_is_dragged_to_where_it_belongs(open_context: Open, admin: Someone, page: Page, layout: str) -> None:
    board = open_context(admin).new_page()
    board.goto(layout)
    drag(board, "phone", "#tile-industry")
    expect(board.locator("[data-section=basics] #tile-phone")).to_be_visible()
    board.reload()
    found = tiles(board, "basics")
    assert found.index("phone") == found.index("industry") - 1
    assert "phone" not in tiles(board, "reach")
    assert controls(page)[:4] == ["name", "type", "phone", "industry"]


def test_the_keyboard_alone_arranges_and_keeps_its_place(
    open_context: Open, admin: Someone, page: Page, layout: str, watch: Watch
) -> None:
    board = open_context(admin).new_page()
    board.goto(layout)
    board.locator("#up-email").focus()
    board.keyboard.press("Enter")
    expect(board.locator("#layout-said")).to_have_text("“E-mail” is number 1 of 5 in “How to reach them”.")
    expect(board.locator("#up-email")).to_be_focused()
    board.keyboard.press("Enter")
    expect(board.locator("#layout-said")).to_contain_text("in “Basics”")
    expect(board.locator("#up-email")).to_be_focused()
    board.locator("#size-email").press("Space")
    expect(board.locator("#tile-email.wide")).to_be_visible()
    expect(board.locator("#size-email")).to_be_focused()
    board.locator("#tile-level input").press("Space")
    board.locator("#to").select_option("belonging")
    board.locator("#put").press("Enter")
    expect(board.locator("[data-section=belonging] #tile-level")).to_be_visible()
    watch.expect(422)
    board.locator("#tile-name input").press("Enter")
    expect(board.get_by_role("alert")).to_contain_text("Choose what to do")
    assert controls(page)[-2:] == ["remarks", "level"]


def test_it_is_made_given_and_arranged(open_context: Open, system: System, admin: Someone, scripted: bool) -> None:
    board = open_context(admin, scripted=scripted).new_page()
    name = f"Made {scripted}"
    board.goto("/admin/")
    board.get_by_role("link", name="Layouts").click()
    board.locator("#name").fill(name)
    board.get_by_role("button", name="Make layout").first.click()
    expect(board.get_by_role("heading", level=1)).to_have_text(name)
    board.get_by_label("Auditor").check()
    board.get_by_role("button", name="Save layout").click()
    expect(board.locator("#messages")).to_contain_text("is saved")
    board.get_by_label("Name in English").fill("Money")
    board.get_by_role("button", name="Add section").click()
    board.locator("#tile-level input").check()
    board.locator("#tile-source input").check()
    board.locator("#to").select_option(label="Money")
    board.get_by_role("button", name="Move there").click()
    expect(board.locator("[data-section=section-1] .tile")).to_have_count(2)
    board.get_by_role("button", name="Move up: Money").click()
    expect(board.locator("h2", has_text="Money")).to_be_visible()
    board.get_by_role("link", name=re.compile("Rename or remove.*Money")).click()
    board.get_by_role("button", name="Remove section").click()
    expect(board.locator("[data-section=section-1]")).to_have_count(0)
    expect(board.locator("[data-section=reach] #tile-level")).to_be_visible()
    board.goto("/admin/layouts")
    board.get_by_role("button", name=re.compile(f"Remove.*{name}")).click()
    expect(board.locator("#messages")).to_contain_text("is removed")


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_axe_finds_nothing(open_context: Open, system: System, admin: Someone, layout: str, language: str) -> None:
    who = system.person("王小明", "administrator", language=language)
    with system.acting() as session:
        row = session.get(actions.models.Layout, int(layout.rpartition("/")[2]))
        actions.arrange(admin.actor, row, CUSTOMER, partial(arranging.leave_out, keys=["competitor"]))
    page = open_context(who, viewport={"width": 360, "height": 800}).new_page()
    for address in ("/admin/layouts", layout, f"{layout}/sections/basics"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{address} scrolls sideways"
        inspect(page, language, address)


def test_a_move_swaps_the_board_only(open_context: Open, admin: Someone, layout: str) -> None:
    board = open_context(admin).new_page()
    board.goto(layout)
    with Wire(board) as wire:
        board.locator("#down-phone").click()
        expect(board.locator("#layout-said")).to_contain_text("number 2 of 5")
        wire.settle()
    assert [each.kind for each in wire.asked] == ["Fetch"], wire.told()
    assert wire.total <= 4 * 1024, wire.told()


def test_a_field_comes_and_goes_with_what_it_hangs_on(
    open_context: Open, system: System, admin: Someone, rep: Someone, scripted: bool
) -> None:
    with system.acting():
        label = {"en": f"Tax number {rep.email}"}
        own = fields.make(
            admin.actor, "customers", Draft(label, FieldKind.TEXT, "basics", shown_if=("type", ("company",)))
        )
        key = own.key
    page = open_context(rep, scripted=scripted).new_page()
    page.goto("/customers/new")
    box, hint = page.locator(f".conditional[data-name={key}]"), page.get_by_text("Only if “Type” is: Company.").first
    page.locator("#name").fill(f"Comes and goes {system.number}")
    page.locator(f"#{key}").fill("1234")
    page.locator("#type").select_option("person")
    if scripted:
        expect(box).to_be_hidden()
        expect(hint).to_be_hidden()
    else:
        expect(hint).to_be_visible()
        page.locator(f"#{key}").fill("")
    page.locator("#record-form [type=submit]").click()
    expect(page.locator("h1")).to_have_text(f"Comes and goes {system.number}")
    expect(page.locator("#section-basics")).not_to_contain_text("Tax number")
    page.locator("#section-basics a", has_text="Edit").click()
    page.locator("#type").select_option("company")
    expect(box).to_be_visible()
    page.locator(f"#{key}").fill("5678")
    page.locator("#section-basics [type=submit]").click()
    expect(page.locator("#section-basics")).to_contain_text("5678")
    with system.acting() as session:
        fields.retire(admin.actor, session.query(FieldDefinition).filter_by(key=key).one())
