"""The script for streams arrives after htmx has been over the page, or before: either way one stream opens."""

import pytest
from playwright.sync_api import Page, Route, expect

FILE = {"name": "two.csv", "mimeType": "text/csv", "buffer": b"Name,Phone\nAcme,021 6100 8888\nBolt,\n"}


@pytest.mark.parametrize("late", [True, False], ids=["late", "in-time"])
def test_one_stream_opens(page: Page, late: bool) -> None:
    streams: list[str] = []
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.on(
        "request",
        lambda request: (
            streams.append(request.url) if "/imports/" in request.url and "/stream" in request.url else None
        ),
    )
    if late:
        page.route("**/sse.js", hold)
    page.goto("/imports/new")
    page.get_by_label("Spreadsheet").set_input_files(FILE)
    page.get_by_role("button", name="Upload file").click()
    if late:
        page.wait_for_url("**/mapping", wait_until="commit")
        page.wait_for_selector("html[data-processed]", state="attached")
        assert not streams
        for route in held:
            route.continue_()
    expect(page.get_by_role("heading", name="Match the columns")).to_be_visible(timeout=60_000)
    assert len(streams) <= 1, "a page must not open two"
    assert streams or not held, "the late script did nothing"
