"""The pictures of README and guides, taken from a system full of made-up data: `make pictures`.

`python -m tests.e2e.pictures [folder] [name part]`; the folder is docs/pictures if none is given.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from crm.demo.populate import populate
from crm.domain.customers.models import Customer
from crm.domain.people.queries import by_email
from tests.e2e.conftest import FLAGS, chromium
from tests.e2e.places import Stage, import_files
from tests.e2e.png import smaller
from tests.e2e.system import PROJECT, Someone, System

PEOPLE = {"zh": "zhou.min@example.com", "en": "anna.schmidt@example.com"}
AGENTS = {"zh": "wu.xiaohong@example.com", "en": "priya.sharma@example.com"}
ADMINISTRATOR = "chen.siyuan@example.com"
LOCALES = {"zh": "zh-CN", "en": "en-GB"}
CUSTOMERS = 2_000


@dataclass(frozen=True)
class Shot:
    name: str
    visit: Callable[[Page, Stage], None]
    width: int = 1280
    height: int = 800
    theme: str = "light"
    signed_in: bool = True
    administers: bool = False  # as the administrator, in the language of the picture
    serves: bool = False  # as an agent


def _go(address: str) -> Callable[[Page, Stage], None]:
    def visit(page: Page, stage: Stage) -> None:
        page.goto(address)

    return visit


def _record(page: Page, stage: Stage) -> None:
    page.goto(f"/customers/{stage.record}")


def _import(kind: str) -> Callable[[Page, Stage], None]:
    def visit(page: Page, stage: Stage) -> None:
        page.goto(stage.imports[kind])

    return visit


def _edit(page: Page, stage: Stage) -> None:
    _record(page, stage)
    page.locator("#section-basics a[hx-get]").click()
    page.locator("#section-basics form").wait_for()


def _keys(page: Page, stage: Stage) -> None:
    page.goto("/customers/")
    page.keyboard.press("?")
    page.locator("#dialog[open]").wait_for()


def _suggestions(page: Page, stage: Stage) -> None:
    page.goto("/customers/new")
    page.locator("#industry").press_sequentially("ruanjian")
    page.locator("#industry-options [role=option]").first.wait_for()


def _filters(page: Page, stage: Stage) -> None:
    page.goto("/customers/?level__is=a&sort=name")
    page.locator("details.filters summary").click()


def _queue(page: Page, stage: Stage) -> None:
    """With a ticket open."""
    page.goto("/tickets/queue")
    page.locator("#queue-list ol a").nth(2).click()
    page.locator("#queue-list li.open").wait_for()


def _rule(page: Page, stage: Stage) -> None:
    page.goto("/admin/automation")
    page.locator("main a[href*='/admin/automation/'] b").first.click()


def _role(page: Page, stage: Stage) -> None:
    page.goto("/admin/roles")
    page.locator("main a[href*='/admin/roles/']").nth(1).click()


# Those in the guides first, then more to look at.
SHOTS = (
    Shot("customers", _go("/customers/")),
    Shot("customer", _record),
    Shot("import-check", _import("checked")),
    Shot("import-verify", _import("done")),
    Shot("customers-dark", _go("/customers/"), theme="dark"),
    Shot("customer-phone", _record, 360, 740),
    Shot("customers-phone", _go("/customers/"), 360, 740),
    Shot("admin-people", _go("/admin/people"), 1100, 560, administers=True),
    Shot("admin-role", _role, 1100, 720, administers=True),
    Shot("admin-fields", _go("/admin/fields"), 1100, 560, administers=True),
    Shot("admin-modules", _go("/admin/modules"), 1100, 560, administers=True),
    Shot("admin-layouts", _go("/admin/layouts"), 1100, 560, administers=True),
    Shot("admin-audit", _go("/audit"), 1100, 560, administers=True),
    Shot("admin-automation", _rule, 1100, 900, administers=True),
    Shot("admin-sla", _go("/admin/sla"), 1100, 560, administers=True),
    Shot("queue", _queue, serves=True),
    Shot("dashboard", _go("/dashboards/sales"), 1280, 1000, administers=True),
)
MORE = (
    Shot("sign-in", _go("/sign-in"), signed_in=False),
    Shot("customers-1440", _go("/customers/"), 1440, 900),
    Shot("customers-768", _go("/customers/"), 768, 900, "dark"),
    Shot("customers-phone-dark", _go("/customers/"), 360, 740, "dark"),
    Shot("filters", _filters, 1440, 900),
    Shot("filters-phone", _filters, 360, 740),
    Shot("customer-1440-dark", _record, 1440, 1400, "dark"),
    Shot("customer-768", _record, 768, 1400),
    Shot("customer-phone-long", _record, 360, 2200, "dark"),
    Shot("edit", _edit, 1440, 1200),
    Shot("edit-phone", _edit, 360, 1600),
    Shot("new", _suggestions, 1440, 900),
    Shot("new-phone", _suggestions, 360, 740, "dark"),
    Shot("keys", _keys),
    Shot("bin", _go("/customers/bin"), 1440, 700),
    Shot("missing", _go("/customers/999999999"), 768, 500),
    Shot("nothing-found", _go("/customers/?q=没有的公司"), 1440, 700),
    Shot("imports", _go("/imports/"), 1440, 700),
    Shot("imports-phone", _go("/imports/"), 360, 740),
    Shot("import-new", _go("/imports/new"), 1440, 900),
    Shot("import-columns", _import("mapping"), 1440, 1400),
    Shot("import-columns-phone", _import("mapping"), 360, 1400, "dark"),
    Shot("import-check-phone", _import("checked"), 360, 1400),
    Shot("import-verify-dark", _import("done"), 768, 900, "dark"),
    Shot("import-stopped", _import("failed"), 768, 700),
    Shot("password", _go("/account/password"), 768, 600, "dark"),
    Shot("told", _go("/account/notifications"), 768, 1200),
    Shot("told-phone", _go("/account/notifications"), 360, 1400, "dark"),
    Shot("mail-templates", _go("/admin/mail-templates"), 1440, 700, administers=True),
    Shot("mail", _go("/admin/mail"), 768, 700, administers=True),
    Shot("dashboard-sales-dark", _go("/dashboards/sales"), 1440, 2600, "dark", administers=True),
    Shot("dashboard-customers", _go("/dashboards/customers"), 1440, 2200, administers=True),
    Shot("dashboard-service", _go("/dashboards/service"), 768, 2600, administers=True),
    Shot("dashboard-phone", _go("/dashboards/service?span=quarter"), 360, 2600, "dark", administers=True),
)


def main(folder: Path, part: str = "", more: bool = False) -> None:
    shots = [each for each in (MORE if more else SHOTS) if part in each.name]
    with System() as system, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(playwright), args=FLAGS)
        if not more and part in "setup":
            _take_setup(browser, system, folder)
        with system.acting():
            populate(count=CUSTOMERS)
        for language, email in PEOPLE.items():
            _take_all(browser, system, system.known(email), shots, language, folder)
        browser.close()


def _take_all(browser: Browser, system: System, who: Someone, shots: list[Shot], language: str, folder: Path) -> None:
    """First what was there before, then what the imports leave behind."""
    stage = _stage(system, who)
    for of_imports in (False, True):
        if of_imports:
            with tempfile.TemporaryDirectory() as files, _page(browser, system, who, locale=LOCALES[language]) as page:
                stage.imports = import_files(page, Path(files))
        for shot in shots:
            if shot.name.startswith("import") is of_imports:
                _take(browser, system, stage, shot, language, folder)


def _take_setup(browser: Browser, system: System, folder: Path) -> None:
    for language, locale in LOCALES.items():
        with _page(browser, system, viewport={"width": 768, "height": 640}, locale=locale) as page:
            page.goto(system.setup_url)
            _keep(page, folder / f"setup.{language}.png")


def _stage(system: System, who: Someone) -> Stage:
    """The customer most lately dealt with, of those who speak the person's language."""
    with system.acting() as session:
        latin = Customer.name.op("~")("^[A-Za-z]")
        known = Customer.visible_to(who.actor).where(
            Customer.last_follow_up_at.is_not(None), Customer.phone.is_not(None)
        )
        known = known.where(latin if who.language == "en" else ~latin)
        busiest = session.scalars(known.order_by(Customer.last_follow_up_at.desc())).first()
        return Stage(system, who, who, busiest.id, 0, {})


def _take(browser: Browser, system: System, stage: Stage, shot: Shot, language: str, folder: Path) -> None:
    viewport = {"width": shot.width, "height": shot.height}
    who = stage.who if shot.signed_in else None
    if shot.administers:
        who = _administrator(stage.system, language)
    if shot.serves:
        who = stage.system.known(AGENTS[language])
    options: dict[str, Any] = {"viewport": viewport, "color_scheme": shot.theme, "locale": LOCALES[language]}
    with _page(browser, system, who, **options) as page:
        shot.visit(page, stage)
        _keep(page, folder / f"{shot.name}.{language}.png")


def _administrator(system: System, language: str) -> Someone:
    with system.acting() as session:
        by_email(ADMINISTRATOR).language = {"zh": "zh_CN"}.get(language, language)
        session.commit()
    return system.known(ADMINISTRATOR)


@contextmanager
def _page(browser: Browser, system: System, who: Someone | None = None, **options: Any) -> Iterator[Page]:
    context = browser.new_context(base_url=system.url, reduced_motion="reduce", **options)
    if who is not None:
        context.add_cookies(system.cookies(who))
    yield context.new_page()
    context.close()


def _keep(page: Page, path: Path) -> None:
    streams = page.locator("[hx-sse\\:connect]").count()  # of which the network is never idle
    page.wait_for_load_state("load" if streams else "networkidle")
    path.write_bytes(smaller(page.screenshot(animations="disabled")))
    print(f"{path.stat().st_size:>8,} {path}", flush=True)


if __name__ == "__main__":
    given = [each for each in sys.argv[1:] if each != "--more"]
    target = Path(given[0]) if given else PROJECT / "docs" / "pictures"
    target.mkdir(parents=True, exist_ok=True)
    main(target, given[1] if len(given) > 1 else "", "--more" in sys.argv)
