"""What belongs to no area: the way in, health, the list of keys."""

import io
from functools import lru_cache
from hmac import compare_digest
from time import monotonic
from typing import Any

import structlog
from flask import Response, abort, current_app, g, request, url_for
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from crm.config import Settings
from crm.domain.system import looking
from crm.infra import queue_standing, revisions
from crm.infra.db import db
from crm.infra.storage import storage_for
from crm.web import metrics as told
from crm.web.blueprint import PUBLIC, SIGNED_IN, CrmBlueprint
from crm.web.htmx import render, see_other

bp = CrmBlueprint("system", __name__)
log = structlog.get_logger(__name__)
_TRIED_ANEW = 30  # seconds after which it is tried again whether files can be kept


@bp.get("/", needs=PUBLIC)
def home() -> Any:
    return see_other(url_for("home.index" if g.person else "account.sign_in"))


@bp.get("/healthz", needs=PUBLIC)
def healthz() -> Any:
    """200 when this process answers and reaches the database; Redis may be down without harm."""
    db.session.execute(text("SELECT 1"))
    return {"status": "ok"}


@bp.get("/readyz", needs=PUBLIC)
def readyz() -> Any:
    """200 when this process can serve people. Strangers learn which part is missing, and no more."""
    parts = _database() | {"storage": _word(_keeps_files(int(monotonic() // _TRIED_ANEW)))}
    well = "failed" not in parts.values()
    parts["redis"] = "ok" if queue_standing.answers() else "degraded"  # a doorbell: without it work begins later
    return {"status": _word(well)} | parts, 200 if well else 503


@bp.get("/metrics", needs=PUBLIC)
def metrics() -> Any:
    """For whoever shows the token, which no cookie replaces."""
    token = g.settings.metrics_token
    if not token:
        abort(404)
    if not compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode()):
        return Response("", 401, {"WWW-Authenticate": "Bearer"})
    families = told.families(looking.standing(g.settings))
    return Response(told.text_of(families), content_type=told.CONTENT_TYPE, headers={"Cache-Control": "no-store"})


@bp.get("/keyboard", needs=SIGNED_IN)
def keyboard() -> Any:
    return render("system/keyboard.html")


def _word(well: bool) -> str:
    return "ok" if well else "failed"


def _database() -> dict[str, str]:
    try:
        found = set(db.session.execute(text("SELECT version_num FROM alembic_version")).scalars())
    except SQLAlchemyError as error:
        db.session.rollback()
        log.warning("readyz.database", error=type(error).__name__)
        return {"database": "failed", "migrations": "failed"}
    return {"database": "ok", "migrations": _word(found == {revisions.head()})}


@lru_cache(1)
def _keeps_files(_turn: int) -> bool:
    """Tried for real, and not for everybody who asks."""
    settings: Settings = current_app.config["SETTINGS"]
    try:
        storage = storage_for(settings)
        storage.delete(storage.put(io.BytesIO(b"ready?")).key)
    except OSError as error:
        log.warning("readyz.storage", error=type(error).__name__)
        return False
    return True
