"""Requests take turns: a process computes a few at once, the others wait for theirs.

Two cores gain nothing from twenty requests that fight over one interpreter: with a hundred sessions saving, a save cost
37 ms of CPU when all of them ran at once and 25 ms in turns (`make bench ONLY=create_100_closed_per_s`). What waits
for the other side has no turn: a body is read before, a large upload goes without, an answer is sent after.
"""

import threading
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from flask import Flask

from crm.config import Settings

READ_BEFORE = 64 * 1024  # bytes of a body; a form that people type in is smaller


class Turns:
    def __init__(self, app: Callable[..., Iterable[bytes]], at_once: int) -> None:
        self.app = app
        self.turns = threading.BoundedSemaphore(at_once)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH") or "0"
        if "HTTP_TRANSFER_ENCODING" in environ or not length.isdigit() or int(length) > READ_BEFORE:
            return self.app(environ, start_response)
        if body := int(length):
            environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(body))
        with self.turns:
            return self.app(environ, start_response)


def init_app(app: Flask) -> None:
    settings: Settings = app.config["SETTINGS"]
    app.wsgi_app = Turns(app.wsgi_app, settings.web_at_once)  # type: ignore[method-assign]
