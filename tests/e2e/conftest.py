"""The whole program and a real browser: one of each for the run, one person and one context for the test."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests.e2e.system import Someone, System
from tests.e2e.watch import Watch

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--no-first-run"]
_OF_THE_MACHINE = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
WAIT = 15_000

expect.set_options(timeout=WAIT)


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    """The real program. Nobody has an account but whom a test makes."""
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
