"""What belongs to no area: the way in, health, the list of keys."""

from typing import Any

from flask import g, url_for
from sqlalchemy import text

from crm.infra.db import db
from crm.web.blueprint import PUBLIC, SIGNED_IN, CrmBlueprint
from crm.web.htmx import render, see_other

bp = CrmBlueprint("system", __name__)


@bp.get("/", needs=PUBLIC)
def home() -> Any:
    return see_other(url_for("home.index" if g.person else "account.sign_in"))


@bp.get("/healthz", needs=PUBLIC)
def healthz() -> Any:
    """200 when this process answers and reaches the database; Redis may be down without harm."""
    db.session.execute(text("SELECT 1"))
    return {"status": "ok"}


@bp.get("/keyboard", needs=SIGNED_IN)
def keyboard() -> Any:
    return render("system/keyboard.html")
