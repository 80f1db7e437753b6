"""Pages asked for inside this process, through the real WSGI app: the server's time without network or queue."""

import re
import time
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event
from werkzeug.test import Client, EnvironBuilder, run_wsgi_app

from bench.database import PASSWORD

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass
class Queries:
    """What the database was asked, and how long it and the driver took; emptied before each request."""

    seconds: float = 0.0
    said: list[tuple[str, Any]] = field(default_factory=list)
    _begun: float = 0.0

    def clear(self) -> None:
        self.seconds, self.said = 0.0, []

    def watch(self) -> None:
        """Of every engine of this process."""
        event.listen(Engine, "before_cursor_execute", self._before)
        event.listen(Engine, "after_cursor_execute", self._after)

    def _before(self, connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        self.said.append((statement, parameters))
        self._begun = time.perf_counter()

    def _after(self, *_: Any) -> None:
        self.seconds += time.perf_counter() - self._begun


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    wall_ms: float
    cpu_ms: float
    """Of this process alone: steady on a machine that does other things too."""
    database_ms: float
    queries: int


class Visitor:
    """Somebody signed in through the form, asking for one page after another as a browser does."""

    def __init__(self, app: Flask, email: str, queries: Queries) -> None:
        self.app, self.queries = app, queries
        client = Client(app)
        form = client.get("/sign-in").get_data(as_text=True)
        token = TOKEN.search(form)
        sent = {"email": email, "password": PASSWORD, "csrf_token": unescape(token[1]) if token else ""}
        answer = client.post("/sign-in", data=sent)
        if answer.status_code != 303:
            raise RuntimeError(f"{email} could not sign in: {answer.status}")
        cookies = client._cookies or {}  # werkzeug shows them only one by one, by name
        self.cookie = "; ".join(f"{each.decoded_key}={each.value}" for each in cookies.values())

    def get(self, address: str, *, part: str = "") -> Answer:
        """The answer compressed, as it leaves the process; `part` is the id of an element that htmx replaces."""
        path, _, query = address.partition("?")
        headers = {"Cookie": self.cookie, "Accept-Encoding": "br", "Accept-Language": "zh-CN,zh;q=0.9"}
        if part:
            headers |= {"HX-Request": "true", "HX-Target": part}
        environ = EnvironBuilder(path=path, query_string=query, headers=headers).get_environ()
        self.queries.clear()
        begun, cpu = time.perf_counter(), time.process_time()
        body, status, _ = run_wsgi_app(self.app, environ, buffered=True)
        content = b"".join(body)
        wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
        database = self.queries.seconds
        return Answer(int(status[:3]), content, wall * 1000, cpu * 1000, database * 1000, len(self.queries.said))
