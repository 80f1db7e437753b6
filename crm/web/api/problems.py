"""Answers of the API that say what is wrong, as RFC 9457 has them. Imports nothing of ours but JSON."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request

from crm.infra import json

ROOT = "/api/"
JSON = "application/json"


def is_api() -> bool:
    return request.path.startswith(ROOT)


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(json.dumps(body), status, headers, content_type=JSON)


def problem(
    status: int,
    title: str,
    detail: str = "",
    fields: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> Response:
    """`fields`: field key → what is wrong with it, in the reader's language; `more` is what only this problem tells."""
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status}
    body |= ({"detail": detail} if detail else {}) | ({"fields": dict(fields)} if fields else {}) | dict(more or {})
    response = Response(json.dumps(body), status, content_type="application/problem+json")
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response
