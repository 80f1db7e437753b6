"""One line per request: what was asked, by whom, how it ended, how long it took. Never what was searched or typed."""

import time

import structlog
from flask import Flask, Response, g, request

from crm.config import Settings
from crm.infra import logging, numbers

log = structlog.get_logger("crm.request")
# Whose addresses are secrets: only that they were asked for is told.
_SECRET = ("calendar.feed", "satisfaction_page.show", "satisfaction_page.send", "account.link")
_QUIET = ("assets.file", "system.healthz", "system.readyz", "system.metrics")
_METHODS = {"GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS"}
NOWHERE = "(none)"  # of what has no route


def init_app(app: Flask) -> None:
    settings: Settings = app.config["SETTINGS"]

    @app.before_request
    def _begin() -> None:
        g.settings = settings
        g.began = time.perf_counter()
        g.request_id = logging.request_id(request.headers.get("X-Request-Id"))
        numbers.begin()
        logging.clear()
        logging.bind(request_id=g.request_id, route=route())

    @app.after_request
    def _end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.request_id
        seconds = time.perf_counter() - g.began
        method = request.method if request.method in _METHODS else "OTHER"
        outcome = f"{response.status_code // 100}xx"
        numbers.note(numbers.REQUEST, route(), outcome, seconds, method=method, id_=g.request_id)
        if request.endpoint not in _QUIET:
            log.info(
                "request",
                method=request.method,
                path=_told_path(),
                status=response.status_code,
                milliseconds=round(seconds * 1000, 1),
                bytes=response.content_length,
                address=request.remote_addr,
            )
        return response


def route() -> str:
    """The template of the address, which names nobody: `/customers/<int:id>`."""
    return str(request.url_rule) if request.url_rule else NOWHERE


def _told_path() -> str:
    return str(request.url_rule) if request.endpoint in _SECRET else request.path
