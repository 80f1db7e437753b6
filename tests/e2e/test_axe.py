"""axe-core finds nothing on any page: in both languages and themes, on a phone and on a desk.

Each language meets each theme and each width, and each theme each width, in two looks at a page per language.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Browser, Page

from tests.e2e.places import PLACES, STRANGE, Stage, set_stage
from tests.e2e.system import System
from tests.e2e.watch import Watch

SIZES = {"phone": (360, 740), "desk": (1440, 900)}
PAIRS = {"en": (("desk", "light"), ("phone", "dark")), "zh_CN": (("phone", "light"), ("desk", "dark"))}
OPTIONS = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}  # WCAG 2.2's is off by default
QUICKLY = OPTIONS | {
    "preload": False,
    "selectors": False,
}  # a third less; what is found is named after
STILL = """() => Promise.all([new Promise((ready) => requestAnimationFrame(() => requestAnimationFrame(ready))),
  ...document.getAnimations().map((each) => each.finished.catch(() => {}))]).then(() => {})"""
ON_PURPOSE = {400, 401, 404, 405, 409, 422}
LANGUAGES = {"en": "en-GB", "zh_CN": "zh-CN"}


@pytest.fixture(scope="module", params=LANGUAGES)
def stage(request: pytest.FixtureRequest, system: System, browser: Browser, tmp_path_factory: Any) -> Iterator[Stage]:
    language = request.param
    who = system.person("王小明", language=language, department=f"华东销售部 {language}")
    newcomer = system.person("李新", language=language)
    context = browser.new_context(base_url=system.url)
    context.add_cookies(system.cookies(who))
    yield set_stage(system, context.new_page(), who, newcomer, tmp_path_factory.mktemp(language))
    context.close()


def inspect(page: Page, language: str, name: str) -> None:
    """In both themes and widths, without loading the page again."""
    found = []
    page.evaluate(AXE_SCRIPT)  # once: the second look finds it compiled
    for size, theme in PAIRS[language]:
        width, height = SIZES[size]
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.evaluate("scrollTo(0, 0)")  # what lies under the bar that stays is out of sight, not out of reach
        page.evaluate(STILL)  # colours do not change at once
        if page.evaluate("async (how) => (await axe.run(document, how)).violations.length", QUICKLY):
            results = AxeResults(page.evaluate("(how) => axe.run(document, how)", OPTIONS))
            found.append(f"{size}, {theme}: {results.generate_report()}")
    assert not found, "\n".join([name, *found])


@pytest.mark.parametrize("name", PLACES)
def test_axe_finds_nothing(stage: Stage, open_context: Callable[..., Any], watch: Watch, name: str) -> None:
    watch.expect(*ON_PURPOSE)
    page = open_context(stage.who).new_page()
    PLACES[name](page, stage)
    inspect(page, stage.who.language, name)


@pytest.mark.parametrize("name", ["list", "bin", "imports"])
def test_axe_finds_nothing_where_nothing_is_yet(stage: Stage, open_context: Callable[..., Any], name: str) -> None:
    page = open_context(stage.newcomer).new_page()
    PLACES[name](page, stage)
    inspect(page, stage.who.language, f"empty {name}")


@pytest.mark.parametrize("name", STRANGE)
def test_axe_finds_nothing_for_strangers(stage: Stage, open_context: Callable[..., Any], watch: Watch, name) -> None:
    watch.expect(*ON_PURPOSE)
    page = open_context(locale=LANGUAGES[stage.who.language]).new_page()
    STRANGE[name](page, stage)
    inspect(page, stage.who.language, name)
