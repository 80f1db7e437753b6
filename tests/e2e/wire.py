"""What a page really costs: the bytes of every answer as they came over the wire, heads included."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

EVENTS = ("requestWillBeSent", "requestServedFromCache", "responseReceived", "loadingFinished", "loadingFailed")

# The bell of a page that somebody stays on; what it costs is told in test_notifications.py.
_BESIDE = ("/bell.js", "/notifications/stream")


@dataclass
class Fetched:
    """One answer; `size` in bytes, 0 when the browser had it already."""

    url: str
    kind: str
    status: int = 0
    size: int = 0
    cached: bool = False
    done: bool = False
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def encoding(self) -> str:
        return self.headers.get("content-encoding", "")


class Wire:
    """Listens to the network of a page: `with Wire(page) as wire: …; wire.total`."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.fetched: list[Fetched] = []
        self._open: dict[str, Fetched] = {}

    def __enter__(self) -> "Wire":
        self.session = self.page.context.new_cdp_session(self.page)
        for event in (
            "requestWillBeSent",
            "requestServedFromCache",
            "responseReceived",
            "loadingFinished",
            "loadingFailed",
        ):
            self.session.on(f"Network.{event}", getattr(self, f"_{event}"))
        self.session.send("Network.enable")
        return self

    def __exit__(self, *_: object) -> None:
        self.session.detach()

    def clear(self) -> None:
        self.fetched.clear()

    def settle(self, at_least: int = 1) -> None:
        """Wait until as many answers have come, all of them to their last byte."""
        wait_until(lambda: len(self.fetched) >= at_least and all(each.done for each in self.fetched), 15, self._listen)

    def _listen(self) -> None:
        self.page.wait_for_timeout(20)  # events are heard only while Playwright waits

    @property
    def asked(self) -> list[Fetched]:
        """What went over the wire."""
        return [each for each in self.fetched if not each.cached]

    @property
    def total(self) -> int:
        return sum(each.size for each in self.asked)

    def told(self) -> str:
        return "\n".join(
            f"{each.size:>7} {each.encoding or '-':<5} {each.kind:<10} {each.url}" for each in self.fetched
        )

    def _requestWillBeSent(self, event: dict[str, Any]) -> None:
        if not event["request"]["url"].startswith("http") or event["request"]["url"].endswith(_BESIDE):
            return
        if (moved := event.get("redirectResponse")) and event["requestId"] in self._open:
            before = self._open.pop(event["requestId"])
            before.done = True
            before.status, before.size = moved["status"], int(moved["encodedDataLength"])
        self._open[event["requestId"]] = Fetched(event["request"]["url"], event.get("type", ""))
        self.fetched.append(self._open[event["requestId"]])

    def _requestServedFromCache(self, event: dict[str, Any]) -> None:
        if found := self._open.get(event["requestId"]):
            found.cached = True

    def _responseReceived(self, event: dict[str, Any]) -> None:
        if found := self._open.get(event["requestId"]):
            answer = event["response"]
            found.status = answer["status"]
            found.headers = {name.lower(): value for name, value in answer["headers"].items()}
            found.cached = found.cached or answer.get("fromDiskCache", False)

    def _loadingFinished(self, event: dict[str, Any]) -> None:
        if found := self._open.get(event["requestId"]):
            found.size = 0 if found.cached else int(event["encodedDataLength"])
            found.done = True

    def _loadingFailed(self, event: dict[str, Any]) -> None:
        if found := self._open.get(event["requestId"]):
            found.done = True


def wait_until(condition: Callable[[], bool], seconds: float, pause: Callable[[], None]) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the network does not come to rest"
        pause()
