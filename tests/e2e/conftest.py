"""The whole program and a real browser: one of each for the run, one person and one context for the test."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright
from sqlalchemy import text

from crm.demo import spreadsheets
from tests.conftest import SHARED
from tests.e2e.system import Someone, System
from tests.e2e.watch import Watch

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--no-first-run"]
_OF_THE_MACHINE = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
WAIT = 15_000

ROWS = 300
FLAWED = 0.05  # of the rows no system should take as they are
ENCODINGS = {"utf8bom": "utf-8-sig", "gb18030": "gb18030"}

expect.set_options(timeout=WAIT)


@pytest.fixture(scope="package")
def system() -> Iterator[System]:
    """The real program, for as long as browser tests last: even one that nobody asks for anything is at work.

    Nobody has an account but whom a test makes.
    """
    with System() as running:
        yield running


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    launched = playwright.chromium.launch(executable_path=chromium(playwright), args=FLAGS)
    yield launched
    launched.close()


def chromium(playwright: Playwright) -> str | None:
    """The one named, Playwright's own, the machine's; in this order."""
    if named := os.environ.get("CRM_CHROMIUM"):
        return named
    if Path(playwright.chromium.executable_path).exists():
        return None
    return next((path for path in _OF_THE_MACHINE if Path(path).exists()), None)


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def scripted(request: pytest.FixtureRequest) -> bool:
    """A test that asks for this runs twice: with JavaScript and without."""
    return bool(request.param)


@pytest.fixture
def watch(system: System) -> Iterator[Watch]:
    looking = Watch(system.url)
    yield looking
    looking.settle()


@pytest.fixture
def open_context(browser: Browser, system: System, watch: Watch) -> Iterator[Callable[..., BrowserContext]]:
    """A fresh browser profile, of `who` if somebody has signed in: `open_context(who, scripted=False)`."""
    opened: list[BrowserContext] = []

    def make(who: Someone | None = None, *, scripted: bool = True, **options: Any) -> BrowserContext:
        given = {"base_url": system.url, "java_script_enabled": scripted, "locale": "en-GB"}
        given |= {"viewport": {"width": 1280, "height": 900}, "timezone_id": "Asia/Shanghai"}
        context = browser.new_context(**(given | options))
        context.set_default_timeout(WAIT)
        if who is not None:
            context.add_cookies(system.cookies(who))
        opened.append(watch.on(context))
        return context

    yield make
    for context in opened:
        context.close()


@pytest.fixture
def rep(system: System) -> Someone:
    """A sales rep who has just joined: an empty list, to be filled by the test."""
    return system.person("Sam Rep")


@pytest.fixture
def admin(system: System) -> Someone:
    return system.person("Ada Admin", "administrator")


@pytest.fixture
def page(open_context: Callable[..., BrowserContext], rep: Someone) -> Page:
    """The rep's browser, with JavaScript."""
    return open_context(rep).new_page()


@pytest.fixture
def either(open_context: Callable[..., BrowserContext], rep: Someone, scripted: bool) -> Page:
    """The rep's browser, once with JavaScript and once without."""
    return open_context(rep, scripted=scripted).new_page()


@pytest.fixture
def strange(open_context: Callable[..., BrowserContext], scripted: bool) -> Page:
    """The browser of somebody who has not signed in, with and without JavaScript."""
    return open_context(scripted=scripted).new_page()


@pytest.fixture(scope="session")
def twins(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One list in three forms: UTF-8 with byte order mark, GB18030, XLSX; lines end as in Windows."""
    folder = tmp_path_factory.mktemp("twins")
    for form, encoding in ENCODINGS.items():
        rows = spreadsheets.rows(11, ROWS, flawed=FLAWED)
        spreadsheets.write_csv(folder / f"客户名单_{form}.csv", rows, encoding=encoding)
    spreadsheets.write_xlsx(folder / "客户名单.xlsx", spreadsheets.rows(11, ROWS, flawed=FLAWED))
    return {path.stem.rpartition("_")[2] if path.suffix == ".csv" else "xlsx": path for path in folder.iterdir()}


@pytest.fixture(scope="session")
def real_twins() -> dict[str, Path]:
    """Two thousand real companies in the same three forms."""
    folder = SHARED / "data" / "cn_companies"
    if not folder.is_dir():
        pytest.skip("needs the shared data cn_companies")
    forms = {"utf8bom": "_utf8bom_crlf.csv", "gb18030": "_gb18030.csv", "xlsx": ".xlsx"}
    return {form: folder / f"cn_companies_2000{ending}" for form, ending in forms.items()}


@pytest.fixture
def held(system: System) -> Callable[[], AbstractContextManager[Any]]:
    """While it lasts no customer can be written: an import stands in the middle of its run."""

    @contextmanager
    def hold() -> Iterator[None]:
        with system.acting() as session:
            session.execute(text("LOCK TABLE customers IN SHARE MODE"))
            yield
            session.rollback()

    return hold
