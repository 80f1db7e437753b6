"""What a page must not do while nobody looks: errors in the console, refused styles and scripts, requests that fail
or go elsewhere. A test that provokes one says so (`watch.expect(422)`)."""

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response

_TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error("CSP", event.effectiveDirective, event.blockedURI, event.sample,
    `${event.sourceFile}:${event.lineNumber}`, event.target?.outerHTML?.slice(0, 200)));
"""
_BY_STATUS = "Failed to load resource: the server responded with a status of"
_BY_LINK = ("Failed to load resource: net::", "htmx: htmx:error: Failed to fetch")


class Watch:
    def __init__(self, url: str) -> None:
        self.host = urlsplit(url).netloc
        self.problems: list[str] = []
        self.statuses: set[int] = set()
        self.link_may_fail = False

    def on(self, context: BrowserContext) -> BrowserContext:
        context.add_init_script(_TELL_VIOLATIONS)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.problems.append(f"script: {error.error}"))
        context.on("requestfailed", self._failed)
        context.on("response", self._answered)
        return context

    def expect(self, *statuses: int) -> None:
        """These answers are part of the test."""
        self.statuses.update(statuses)

    def settle(self) -> None:
        assert not self.problems, "\n".join(["The page misbehaved:", *self.problems])

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning") or message.text.startswith(_BY_STATUS):
            return  # answers are judged where they arrive
        if self.link_may_fail and message.text.startswith(_BY_LINK):
            return
        self.problems.append(f"console {message.type}: {message.text} ({message.location})")

    def _failed(self, request: Request) -> None:
        # Aborted is what a browser calls a request that the page itself or the next page made superfluous.
        if request.failure != "net::ERR_ABORTED" and not self.link_may_fail:
            self.problems.append(f"failed: {request.method} {request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        self._elsewhere(response.url)
        if response.status >= 400 and response.status not in self.statuses:
            self.problems.append(f"answered {response.status}: {response.request.method} {response.url}")

    def _elsewhere(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != self.host:
            self.problems.append(f"another host: {url}")
