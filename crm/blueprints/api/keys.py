"""The page where a person makes keys for programs, and takes them back."""

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, g, request, url_for

from crm.domain.people.queries import names
from crm.domain.registry import RECORD_TYPES
from crm.domain.tokens.actions import make_token, revoke_token, token_of, tokens_of
from crm.domain.tokens.models import ApiToken
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.fields import Context, Field
from crm.kernel.kinds import FieldKind
from crm.kernel.permissions import Permission
from crm.kernel.text import N_
from crm.web.blueprint import CrmBlueprint
from crm.web.errors import told
from crm.web.formats import date, moment
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext
from crm.web.idempotency import tell_once

bp = CrmBlueprint("api_keys", __name__, url_prefix="/account/keys", module="api")
_SHOWN = N_(
    "Your key was made and shown already, and is shown only once: the same was sent twice. If you have not copied it,"
    " take it back and make a new one."
)
_EXPIRES = Field(key="expires_on", label=N_("Good until"), kind=FieldKind.DATE)


@bp.get("", needs=Permission.SYSTEM_API)
def index() -> Any:
    return _page(problem=gettext(_SHOWN) if "made" in request.args else "")


@bp.post("", needs=Permission.SYSTEM_API)
def make() -> Any:
    """The text of the key is shown this once: only its hash is kept."""
    form = request.form
    try:
        until = _EXPIRES.parse(form.get("expires_on", ""), Context(g.actor))
        writes = form.get("writes") == "yes"
        _, text = make_token(
            g.actor, form.get("name", ""), writes=writes, types=form.getlist("types"), expires_on=until
        )
    except (Invalid, RuleBroken) as wrong:
        return _page(problem=told(wrong), status=422)
    tell_once(url_for("api_keys.index", made="1"))
    return _page(made=text)


@bp.post("/<int:token_id>/revocation", needs=Permission.SYSTEM_API)
def revoke(token_id: int) -> Any:
    one = token_of(g.actor, token_id)
    if one is None:
        abort(404)
    revoke_token(g.actor, one)
    flash(
        gettext(N_("The key “%(title)s” is taken back: whoever sends it gets nothing any more."), title=one.name), "ok"
    )
    return see_other(url_for("api_keys.index"))


def _page(*, made: str = "", problem: str = "", status: int = 200) -> Any:
    kept = tokens_of(g.actor)
    types = [(key, gettext(each.label_plural)) for key, each in RECORD_TYPES.items() if g.actor.may(each.may_read)]
    site = (g.settings.base_url or request.host_url).rstrip("/")
    return render(
        "api_keys/index.html",
        status,
        keys=_rows(kept),
        types=types,
        made=made,
        problem=problem,
        typed=request.form,
        address=site + url_for("api.index"),
    )


def _rows(kept: Sequence[ApiToken]) -> list[dict[str, Any]]:
    known = names({each.person_id for each in kept})
    return [
        {
            "id": each.id,
            "name": each.name,
            "start": each.start,
            "whose": "" if each.person_id == g.actor.id else known.get(each.person_id, ""),
            "writes": each.writes,
            "types": gettext(N_(", ")).join(gettext(RECORD_TYPES[key].label_plural) for key in each.types),
            "until": date(each.expires_on) if each.expires_on else "",
            "used": moment(each.last_used_at) if each.last_used_at else "",
        }
        for each in kept
    ]
