"""Pages of work under way, and of what waits for a person: axe finds nothing, and nothing runs out of a narrow page."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.e2e.system import Someone, System
from tests.e2e.test_axe import inspect
from tests.e2e.waiting import Waiting, waiting

NAMES = (
    "hand-over",
    "indexes under way",
    "replacing a view",
    "a view",
    "file of the log under way",
    "file of the log done",
    "file of the log failed",
    "an export",
    "an export under way",
    "an export done",
    "an export stopped",
    "exports",
    "confirmations",
    "a change that waits",
    "record with a change that waits",
    "retention",
    "names",
    "API keys",
    "home of a team",
    "types of tickets",
    "categories of tickets",
    "teams with a queue",
    "macros",
    "a macro",
    "outbox of mail",
    "mail templates",
    "mail template",
    "how one is told",
    "rules",
    "rule",
    "dry run",
    "history of rules",
    "version of a rule",
    "webhooks",
    "messages of a webhook",
    "what an import brought",
    "what undoing would do",
    "what undoing would keep",
    "a new sample",
    "a sample",
    "a row of a sample",
    "a sample to be printed",
)
WIDTHS = (360, 768, 1440)


@pytest.fixture(scope="module", params=["en", "zh_CN"])
def seen(request: pytest.FixtureRequest, system: System) -> Iterator[tuple[Someone, Waiting]]:
    language = request.param
    who = system.person("王小明", "administrator", language=language, department=f"总部 {language} 等待")
    with waiting(system, who) as pages:
        yield who, pages


@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing_and_nothing_runs_out_of_the_page(
    seen: tuple[Someone, Waiting], open_context: Callable[..., BrowserContext], name: str
) -> None:
    who, known = seen
    assert set(known.pages) == set(NAMES)
    page: Page = open_context(who).new_page()
    page.goto(known.pages[name])
    assert page.locator("h1").count() == 1
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        over: Any = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0, f"{name} is {over} px wider than {width}"
    inspect(page, who.language, name)
