"""What a real browser has to fetch, and how long a bad link keeps somebody from their list."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench.database import PASSWORD, Database, copied, filled, rep, scratch
from bench.result import Measured, percentile
from bench.server import Server, running
from crm import create_app
from crm.demo.talk import notes
from crm.domain.customers.models import Customer
from crm.domain.people.queries import by_email
from crm.domain.timeline.actions import Dealing, add_follow_ups
from crm.infra import clock
from crm.infra.db import db
from tests.e2e.wire import Wire

_CUSTOMERS = 2_000
_WHO = rep(1)
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--no-first-run"]
_KB = 1024
# Bits a second, milliseconds to and fro, repeats; the last two are what usable pages may take, cold and warm.
_LINKS = {"400 kbit/s, 400 ms": (400_000, 400, 5, 2500, 1200), "50 kbit/s, 500 ms": (50_000, 500, 3, 10_000, 3000)}
_ROWS = "#list-results tbody tr"
# The page is usable when its rows are painted and its scripts have run.
_USABLE = """() => {
    const paint = performance.getEntriesByName("first-contentful-paint")[0];
    const page = performance.getEntriesByType("navigation")[0];
    return {painted: paint ? paint.startTime : null, ready: page.domContentLoadedEventEnd, bytes: page.responseEnd};
}"""


def page_weight() -> Measured:
    """Value: bytes of a first visit, from the sign-in page to home with its assets, heads of answers included."""
    with _site() as (server, browser, talkative), _profile(browser, server) as context:
        page = context.new_page()
        kinds: dict[str, dict[str, Any]] = {}
        with Wire(page) as wire:
            _sign_in(page)
            kinds["first visit, sign-in to home"] = _weighed(wire, page, 40)
            for label, address, budget in (
                ("home, warm", "/home/", 10),
                ("list, warm", "/customers/", 12),
                ("record with 20 entries, warm", f"/customers/{talkative}", 14),
                ("form of a new customer, warm", "/customers/new", 12),
            ):
                page.goto(address)
                kinds[label] = _weighed(wire, page, budget)
            page.goto("/customers/")
            _settle(page)
            wire.clear()
            page.locator("#list-q").fill("有限")
            page.wait_for_url("**q=**")
            kinds["search, swap"] = _weighed(wire, page, 4)
            page.locator("a[rel=next]").first.click()
            page.wait_for_url("**after=**")
            kinds["next page, swap"] = _weighed(wire, page, 4)
    value = kinds["first visit, sign-in to home"]["kb"]
    return Measured("page_weight", value, "KB", len(kinds), {"customers": _CUSTOMERS, "kinds": kinds})


def usable_at_slow_3g() -> Measured:
    """Value: median milliseconds until the list is usable with nothing cached, at 400 kbit/s and 400 ms."""
    detail: dict[str, Any] = {}
    with _site() as (server, browser, _):
        with _profile(browser, server) as context:
            _sign_in(context.new_page())
            cookies = context.cookies()
        for label, link in _LINKS.items():
            visits = [_visit(browser, server, cookies, link) for _ in range(link[2])]
            for number, kind in enumerate(("cold", "warm")):
                times = [visit[number] for visit in visits]
                detail[f"{label}, {kind}"] = {
                    "median": percentile(times, 0.5),
                    "max": max(times),
                    "bar": link[3 + number],
                }
    value = detail["400 kbit/s, 400 ms, cold"]["median"]
    runs = sum(link[2] for link in _LINKS.values())
    return Measured("usable_at_slow_3g", value, "ms", runs, {"customers": _CUSTOMERS, "kinds": detail})


@contextmanager
def _site() -> Iterator[tuple[Server, Browser, int]]:
    """The program, a browser, and the id of a customer with a long timeline."""
    with filled(_CUSTOMERS) as prepared, copied(prepared) as database:
        talkative = _talk_with_somebody(database)
        with running(database) as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=os.environ.get("CRM_CHROMIUM"), args=_FLAGS)
            yield server, browser, talkative
            browser.close()


@contextmanager
def _profile(browser: Browser, server: Server) -> Iterator[BrowserContext]:
    """Somebody whose browser has never been here."""
    context = browser.new_context(base_url=server.address, locale="zh-CN", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)
    yield context
    context.close()


def _sign_in(page: Page) -> None:
    page.goto("/sign-in")
    page.locator("[name=email]").fill(_WHO)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("#sign-in [type=submit]").click()
    page.wait_for_url("**/home/")
    page.wait_for_load_state("networkidle")


def _settle(page: Page) -> None:
    page.locator(_ROWS).first.wait_for()
    page.wait_for_load_state("networkidle")


def _weighed(wire: Wire, page: Page, budget: float) -> dict[str, Any]:
    """What came over the wire since the last time."""
    page.wait_for_load_state("networkidle")
    told = {"kb": wire.total / _KB, "requests": len(wire.asked), "budget_kb": budget}
    told["parts"] = {
        f"{each.kind} {each.status} {each.url.partition('://')[2].partition('/')[2][:40]}": each.size
        for each in wire.asked
    }
    wire.clear()
    return told


def _visit(browser: Browser, server: Server, cookies: Any, link: Any) -> tuple[float, float]:
    """Milliseconds until the list is usable: signed in but with nothing cached, then again."""
    with _profile(browser, server) as context:
        context.add_cookies(cookies)
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        bytes_a_second = link[0] / 8
        session.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": link[1],
                "downloadThroughput": bytes_a_second,
                "uploadThroughput": bytes_a_second,
            },
        )
        return _time_to_list(page), _time_to_list(page)


def _time_to_list(page: Page) -> float:
    page.goto("/customers/")
    page.locator(_ROWS).nth(24).wait_for()
    page.wait_for_function('() => performance.getEntriesByName("first-contentful-paint").length > 0')
    seen = page.evaluate(_USABLE)
    return float(max(seen["painted"], seen["ready"]))


def _talk_with_somebody(database: Database) -> int:
    """Twenty-two follow-ups with one customer, so that its timeline fills a page; whose id it is."""
    with scratch() as instance, create_app(database.settings(instance), connections=1).app_context():
        who = by_email(_WHO)
        assert who is not None
        newest = Customer.visible_to(who.actor).with_only_columns(Customer.id).order_by(Customer.updated_at.desc())
        customer_id = db.session.scalars(newest.limit(1)).one()
        said = [{"kind": each.kind, "body": each.body, "result": each.result} for each in notes("zh")[:22]]
        add_follow_ups(who.actor, Customer, [Dealing(customer_id, who.id, clock.now(), values) for values in said])
        db.session.commit()
        db.engine.dispose()
    return int(customer_id)
