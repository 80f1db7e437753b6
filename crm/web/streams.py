"""Live progress: server-sent events that never hold a database connection and never make pages wait.

Each process keeps at most `settings.streams` open; whoever comes over the cap polls instead. The first
message is the state as it is, so a reconnect needs no memory; then one comes whenever there is news, or
when a look every two seconds finds something else. After a minute the stream ends and the browser comes back.
"""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, current_app, g, request

from crm.config import Settings
from crm.domain.people.sessions import sits
from crm.infra.news import Listener, listening
from crm.kernel.language import naming

LIFETIME = 60.0  # seconds a stream lasts
LOOK = 2.0  # seconds between looks when there is no news
HEARTBEAT = 10.0  # seconds of silence at most, so that proxies and dead browsers are found out
PACE = 0.5  # seconds between two messages at least


@dataclass(frozen=True)
class Message:
    html: str
    last: bool = False  # nothing more will follow


Ask = Callable[[], Message | None]  # None: there is nothing to see any more


class _Seats:
    """How many streams this process has open."""

    def __init__(self) -> None:
        self._lock, self._taken = threading.Lock(), 0

    def take(self, most: int) -> bool:
        with self._lock:
            if self._taken >= most:
                return False
            self._taken += 1
            return True

    def leave(self) -> None:
        with self._lock:
            self._taken -= 1

    @property
    def taken(self) -> int:
        return self._taken


_seats = _Seats()


def streams_open() -> int:
    """Of this process."""
    return _seats.taken


def stream(topic: str, ask: Ask, instead: Callable[[], Any], *, share: float = 1) -> Any:
    """Send what `ask` says whenever there is news of the topic; over the cap answer with `instead`.

    `share` is how many of the streams there may be open already: what every page asks for leaves room for progress.

    `ask` runs in a context of its own for each message, with g.person and g.actor as they then are.
    """
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    settings: Settings = app.config["SETTINGS"]
    if not _seats.take(int(settings.streams * share)):
        return instead()
    teller = _Teller(app, dict(request.environ), g.session.id, ask)
    response = Response(_messages(settings, topic, teller), mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    response.call_on_close(_seats.leave)
    return response


def _messages(settings: Settings, topic: str, teller: "_Teller") -> Iterator[str]:
    """By now the request's own context, and with it its database connection, has been given back."""
    began = spoke = time.monotonic()
    told: Message | None = None
    yield "retry: 1000\n\n"
    with listening(settings, topic) as news:
        while True:
            message = teller.tell()
            if message is None:
                return
            if told is None or message.html != told.html:
                told, spoke = message, time.monotonic()
                yield _event(message.html)
            elif time.monotonic() - spoke > HEARTBEAT:
                spoke = time.monotonic()
                yield ": still there\n\n"
            if message.last:
                yield "event: end\ndata: end\n\n"
                return
            if time.monotonic() - began >= LIFETIME:
                return
            _rest(news)


def _rest(news: Listener) -> None:
    time.sleep(PACE)
    news.wait(LOOK - PACE)


def _event(html: str) -> str:
    return "".join(f"data: {line}\n" for line in html.splitlines()) + "\n"


def told_once(message: Message, again: int) -> str:
    """A stream that ends at once; the browser comes back after so many milliseconds."""
    return f"retry: {again}\n\n{_event(message.html)}"


@dataclass
class _Teller:
    """Asks in a fresh context, so that each message has its own short database session."""

    app: Flask
    environ: dict[str, Any]
    session_id: int
    ask: Ask

    def tell(self) -> Message | None:
        with self.app.request_context(self.environ):
            g.settings = self.app.config["SETTINGS"]
            person = sits(self.session_id)
            if person is None:
                return None
            g.person, g.actor = person, person.actor
            naming.set(g.actor.shape)
            return self.ask()
