"""The quality of what is stored, as of the last count."""

from typing import Any

from flask import abort, flash, g, request, url_for

from crm.blueprints.quality.page import QualityPage
from crm.domain.quality.checks import looked_at
from crm.infra import queue
from crm.kernel.permissions import Permission
from crm.kernel.text import N_
from crm.web.blueprint import SIGNED_IN, CrmBlueprint
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext

bp = CrmBlueprint("quality", __name__, url_prefix="/quality", module="quality")


@bp.get("/", needs=SIGNED_IN)
def index() -> Any:
    types, key = looked_at(g.actor), request.args.get("type", "")
    if not types:
        abort(403)
    type_ = next((each for each in types if each.key == key), None if key else types[0])
    return render("quality/index.html", page=QualityPage(type_ or abort(404), types, _number("department"), _page()))


def _number(name: str) -> int | None:
    given = request.args.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 10 else None


def _page() -> int:
    return max(1, min(_number("page") or 1, 10_000))


@bp.post("/count", needs=Permission.SYSTEM_ADMINISTER)
def count() -> Any:
    queue.ring_later("quality.count_anew", "bulk")
    flash(gettext(N_("The records are being counted; look again in a moment.")), "info")
    return see_other(url_for("quality.index"))
