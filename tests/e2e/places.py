"""Every page of the product in every state worth looking at: what accessibility tests and pictures walk over.

A place gets the signed-in page and the stage, goes there and brings the page into its state.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect

from crm.demo import spreadsheets
from tests.e2e.importing import arrive, check, choose_file, run, upload
from tests.e2e.system import Someone, System

Place = Callable[[Page, "Stage"], None]
PLACES: dict[str, Place] = {}
STRANGE: dict[str, Place] = {}  # seen by somebody who has not signed in


@dataclass
class Stage:
    """Somebody whose system has something of everything."""

    system: System
    who: Someone
    newcomer: Someone  # whose lists are empty
    record: int
    ticket: int
    imports: dict[str, str]  # where an import of each kind stands → its address


def set_stage(system: System, page: Page, who: Someone, newcomer: Someone, folder: Path) -> Stage:
    """`page` is where the person does with a mouse what no verb does: the imports."""
    made = system.believable_customers(who, 60)
    record = made[-1]
    system.believable_timeline(who, record, 22)
    system.put_into_bin(who, made[-3])
    ticket = system.ticket(who, record)
    return Stage(system, who, newcomer, record, ticket, import_files(page, folder))


def import_files(page: Page, folder: Path) -> dict[str, str]:
    """An import that waits for its columns, one that waits for its start, one that is done, one that failed."""
    found = {}
    path = folder / "客户名单 2026.csv"
    spreadsheets.write_csv(path, spreadsheets.rows(3, 200, flawed=0.08))
    for kind in ("mapping", "checked", "done"):
        upload(page, path)
        if kind != "mapping":
            check(page)
        if kind == "done":
            run(page)
            arrive(page)
        found[kind] = page.url
    damaged = folder / "damaged.xlsx"
    damaged.write_bytes(b"PK\x03\x04 and nothing good after it")
    choose_file(page, damaged)
    arrive(page)
    return found | {"failed": page.url}


def place(name: str, *, strange: bool = False) -> Callable[[Place], Place]:
    def remember(function: Place) -> Place:
        (STRANGE if strange else PLACES)[name] = function
        return function

    return remember


def plain(name: str, address: str, *, strange: bool = False) -> None:
    @place(name, strange=strange)
    def visit(page: Page, stage: Stage) -> None:
        page.goto(address)


plain("sign-in", "/sign-in", strange=True)
plain("list", "/customers/")
plain("list without a hit", "/customers/?q=没有的公司")
plain("list narrowed", "/customers/?level__is=a&type__is=company&sort=name&cols=created&cols=region&cols=tags")
plain("list of an address that makes no sense", "/customers/?nothing__is=1")
plain("columns of a list", "/columns/customers")
plain("bin", "/customers/bin")
plain("new customer", "/customers/new")
plain("duplicates", "/duplicates/customers/")
plain("duplicates of one", "/duplicates/customers/1")
plain("merge", "/duplicates/customers/merge?first=1&second=2")
plain("imports", "/imports/")
plain("new import", "/imports/new")
plain("password", "/account/password")
plain("keyboard", "/keyboard")
plain("reports", "/reports/")
plain("report", "/reports/new?type=customers&r1=level&c=source&picture=stacked")
plain("queue", "/tickets/queue?show=mine")
plain("away", "/account/away")
plain("feedback", "/feedback/")
plain("requests for access", "/access/")
plain("asking for access", "/access/records/customers/999999999")
plain("access is asked for", "/access/account/asked", strange=True)
plain("sessions", "/account/sessions")
plain("second factor", "/account/second-factor")
plain("address", "/account/address")
plain("search", "/search/?q=有限")
plain("search without a hit", "/search/?q=没有的公司")
plain("error 404", "/customers/999999999")
plain("error 405", "/customers/1/deletion")


@place("sign-in refused", strange=True)
def _sign_in_refused(page: Page, stage: Stage) -> None:
    page.goto("/sign-in")
    page.locator("[name=email]").fill("nobody@example.com")
    page.locator("[name=password]").fill("a wrong password")
    page.locator("#sign-in [type=submit]").click()
    expect(page.locator(".error-summary")).to_be_visible()


@place("feedback refused")
def _feedback_refused(page: Page, stage: Stage) -> None:
    page.goto("/feedback/new?page=/customers/")
    page.locator("[name=body]").fill("It is slow.")
    page.locator("main form [type=submit]").click()
    expect(page.locator(".error-summary")).to_be_visible()


@place("list with filters open")
def _filters(page: Page, stage: Stage) -> None:
    page.goto("/customers/")
    page.locator("details.filters summary").click()


@place("search with suggestions")
def _search(page: Page, stage: Stage) -> None:
    page.goto("/keyboard")
    page.locator("#search").fill("有限")
    expect(page.locator(".topbar [role=option]").first).to_be_visible()
    page.locator("#search").press("ArrowDown")
    expect(page.locator(".topbar [aria-selected=true]")).to_be_visible()


@place("list with a cell refused")
def _cell(page: Page, stage: Stage) -> None:
    page.goto("/customers/?sort=name")
    page.keyboard.press("j")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("e")
    box = page.locator(".cell-form input[type=tel]")
    box.fill("12")
    box.press("Enter")
    expect(page.locator(".cell-form .error")).to_be_visible()


@place("list whose cells are links")
def _cell_links(page: Page, stage: Stage) -> None:
    page.goto("/customers/?edit=1")
    page.locator("td a[href*='/level/edit']").first.click()
    expect(page.locator(".cell-form")).to_be_visible()


@place("list with the person's menu open")
def _menu(page: Page, stage: Stage) -> None:
    page.goto("/customers/")
    page.locator("details.person summary").click()


@place("keys over the list")
def _keys(page: Page, stage: Stage) -> None:
    page.goto("/customers/")
    page.keyboard.press("?")
    expect(page.locator("#dialog")).to_be_visible()


@place("new customer refused")
def _refused(page: Page, stage: Stage) -> None:
    page.goto("/customers/new")
    page.locator("#phone").fill("12")
    page.locator("#record-form [type=submit]").click()
    expect(page.locator(".error-summary")).to_be_visible()


@place("new customer with suggestions")
def _suggestions(page: Page, stage: Stage) -> None:
    page.goto("/customers/new")
    page.locator("#industry").press_sequentially("ruanjian")
    expect(page.locator("#industry-options [role=option]").first).to_be_visible()
    page.locator("#industry").press("ArrowDown")
    expect(page.locator("#industry-options [aria-selected=true]")).to_be_visible()


@place("record")
def _record(page: Page, stage: Stage) -> None:
    page.goto(f"/customers/{stage.record}")


@place("record being edited")
def _editing(page: Page, stage: Stage) -> None:
    page.goto(f"/customers/{stage.record}")
    for section in ("basics", "reach", "belonging"):
        page.locator(f"#section-{section} a[hx-get]").click()
        expect(page.locator(f"#section-{section} form")).to_be_visible()
    page.locator("#timeline-entries a[hx-get$='/edit']").first.click()
    expect(page.locator("#timeline-entries form[id^=follow-up-]")).to_be_visible()


@place("record with a follow-up refused")
def _empty_follow_up(page: Page, stage: Stage) -> None:
    page.goto(f"/customers/{stage.record}")
    page.locator("#composer [type=submit]").click()
    expect(page.locator("#composer .error-summary")).to_be_visible()


@place("ticket")
def _ticket(page: Page, stage: Stage) -> None:
    page.goto(f"/tickets/{stage.ticket}")


@place("queue with a ticket open")
def _queue(page: Page, stage: Stage) -> None:
    page.goto(f"/tickets/queue?ticket={stage.ticket}")


@place("section as a page")
def _section_page(page: Page, stage: Stage) -> None:
    page.goto(f"/customers/{stage.record}/sections/reach/edit")


@place("error 400")
def _forged(page: Page, stage: Stage) -> None:
    page.goto("/customers/new")
    page.locator("#record-form [name=csrf_token]").evaluate("(input) => (input.value = 'forged')")
    page.locator("#name").fill("Forged")
    page.locator("#record-form [type=submit]").click()
    expect(page.locator("h1")).to_be_visible()


def _import_place(name: str, kind: str, further: str = "") -> None:
    @place(name)
    def visit(page: Page, stage: Stage) -> None:
        page.goto(stage.imports[kind] + further)


_import_place("import, columns", "mapping")
_import_place("import, check", "checked")
_import_place("import, report", "done")
_import_place("import, stopped", "failed")


@place("import, rows behind a number")
def _rows(page: Page, stage: Stage) -> None:
    page.goto(stage.imports["done"])
    page.locator(".sums a").last.click()
    page.wait_for_url("**/rows/**")
