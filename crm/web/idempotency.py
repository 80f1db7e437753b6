"""The same request sent twice happens once.

A form carries a random key. The first request to bring it writes the key and, in the same
transaction as its changes, its answer; a second one waits for the first and gets that answer.
"""

import datetime as dt
import hmac
import secrets
from typing import Any

from flask import Response, current_app, g, request
from sqlalchemy import ForeignKey, Row, func
from sqlalchemy.orm import Mapped, mapped_column

from crm.domain.people.models import Person
from crm.infra import vault
from crm.infra.db import Model, driven
from crm.web.api.problems import JSON, is_api

_CHUNK = 1 << 20
FIELD, HEADER = "idempotency_key", "Idempotency-Key"


class IdempotencyKey(Model):
    __tablename__ = "idempotency_keys"

    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]  # keyed, of what was asked: the same key with other content is another request
    status: Mapped[int | None]
    location: Mapped[str | None]
    body: Mapped[str | None]  # sealed: a page may show what the database keeps encrypted
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now(), index=True)


def new_key() -> str:
    return secrets.token_urlsafe(16)


# In the driver's words, because every write runs them.
_TAKE = """
    INSERT INTO idempotency_keys (person_id, key, digest) VALUES (%(person_id)s, %(key)s, %(digest)s)
    ON CONFLICT DO NOTHING RETURNING key"""
_BEFORE = """
    SELECT digest, status, location, body FROM idempotency_keys WHERE person_id = %(person_id)s AND key = %(key)s"""
_FINISH = """
    UPDATE idempotency_keys SET status = %(status)s, location = %(location)s, body = %(body)s
    WHERE person_id = %(person_id)s AND key = %(key)s"""


def begin() -> Response | None:
    """The first answer, if this was asked before; else None, and the key is ours until the transaction ends."""
    key = _key()
    if key is None or g.person is None:
        return None
    row = {"person_id": g.person.id, "key": key, "digest": _digest()}
    if driven(_TAKE, row).first():
        return None
    before = driven(_BEFORE, row).one()
    if before.digest != row["digest"] or before.status is None:
        g.idempotency_off = True  # filled in anew after an answer was lost: a request of its own
        return None
    return _answer(before)


def tell_once(elsewhere: str) -> None:
    """The answer under way has what is kept nowhere: whoever sends the same again is led to this address instead."""
    g.told_once = elsewhere


def finish(response: Response) -> None:
    key = _key()
    if key is None or g.person is None or g.get("idempotency_off"):
        return
    if elsewhere := g.get("told_once"):
        kept: dict[str, Any] = {"status": 303, "location": elsewhere, "body": None}
    else:
        location = response.headers.get("HX-Redirect") or response.headers.get("Location")
        kept = {"status": response.status_code, "location": location, "body": _sealed(response)}
    driven(_FINISH, kept | {"person_id": g.person.id, "key": key})


def _answer(before: Row[Any]) -> Response:
    response = _opened(before)
    if before.location:
        response.headers["HX-Redirect" if before.status == 204 else "Location"] = before.location
    response.headers["Idempotent-Replay"] = "true"
    return response


def _sealed(response: Response) -> str | None:
    body = response.get_data(as_text=True)
    return vault.seal(IdempotencyKey.__tablename__, body, "") if body else None


def _opened(before: Row[Any]) -> Response:
    try:
        body = vault.unseal(IdempotencyKey.__tablename__, before.body) if before.body else ""
        return Response(body, before.status, content_type=JSON if is_api() else None)
    except vault.Unreadable:  # its key was removed: what was asked is done all the same
        return Response("", before.status if before.location else 204)


def _key() -> str | None:
    key = request.headers.get(HEADER) or (None if is_api() else request.form.get(FIELD))  # whose body is no form
    return key[:64] if key else None


def _digest() -> str:
    told = hmac.new(str(current_app.secret_key).encode(), request.path.encode(), "sha256")
    if is_api():
        told.update(b"\0" + request.method.encode() + b"\0" + request.get_data())
        return told.hexdigest()
    for name, value in sorted(request.form.items(multi=True)):
        if name not in ("csrf_token", FIELD):
            told.update(f"\0{name}\0{value}".encode())
    for name, file in sorted(request.files.items(multi=True), key=lambda each: (each[0], each[1].filename or "")):
        told.update(f"\0{name}\0{file.filename}\0".encode())
        while chunk := file.stream.read(_CHUNK):
            told.update(chunk)
        file.stream.seek(0)
    return told.hexdigest()
