"""Addresses of other programs that rules call, and what was sent to them."""

from typing import Any

from flask import flash, g, request, url_for
from werkzeug.wrappers import Response

from crm.domain.webhooks import actions
from crm.domain.webhooks.models import WebhookDelivery, WebhookEndpoint
from crm.infra.db import db
from crm.infra.outgoing import NotDelivered, Refused, looked_up
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.permissions import Permission
from crm.kernel.text import N_, clean
from crm.web.api import hooks as hooks  # noqa: PLC0414 - says how a record is told
from crm.web.blueprint import CrmBlueprint
from crm.web.errors import told
from crm.web.formats import moment, number
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext

bp = CrmBlueprint("webhooks", __name__, url_prefix="/admin/webhooks", module="automation")
_MAY = Permission.SYSTEM_AUTOMATE
_REFUSED = N_(
    "Nothing is sent to “%(url)s”: the address must begin with https://, hold neither name nor password, and lead to a "
    "public server. Correct it and save again."
)
_UNKNOWN = N_("“%(url)s” leads nowhere: there is no server of that name. Correct it and save again.")


@bp.get("", needs=_MAY)
def index() -> Any:
    return _index()


def _index(status: int = 200, problem: tuple[str, str] = ("", ""), secret: str = "", made: str = "") -> Response:
    shown = {"problem": problem, "secret": secret, "made": made, "given": request.form if status == 422 else {}}
    return render("webhooks/index.html", status, endpoints=actions.endpoints(), **shown)


@bp.post("", needs=_MAY)
def make() -> Any:
    """The secret stands on the page that answers, and nowhere afterwards."""
    url = clean(request.form.get("url", ""))
    try:
        looked_up(g.settings, url)
        endpoint, secret = actions.make(g.actor, request.form.get("name", ""), url)
    except Refused:
        return _index(422, ("url", gettext(_REFUSED, url=url[:200])))
    except NotDelivered:
        return _index(422, ("url", gettext(_UNKNOWN, url=url[:200])))
    except (Invalid, RuleBroken) as problem:
        return _index(422, (str(problem.params.get("key", "name")), told(problem)))
    return _index(secret=secret, made=endpoint.name)


@bp.get("/<int:endpoint_id>", needs=_MAY)
def show(endpoint_id: int) -> Any:
    endpoint, before = _one(endpoint_id), request.args.get("before", "")
    found = actions.deliveries(endpoint, int(before) if before.isdecimal() and len(before) < 19 else None)
    page = found[: actions.PAGE]
    rows = [(each, moment(each.created_at), _tries(each)) for each in page]
    older = url_for("webhooks.show", endpoint_id=endpoint.id, before=page[-1].id) if len(found) > len(page) else ""
    return render("webhooks/show.html", endpoint=endpoint, rows=rows, older=older)


def _tries(one: WebhookDelivery) -> str:
    count = number(one.attempts)
    if one.answer is None:
        return gettext(N_("Attempts: %(count)s"), count=count)
    return gettext(N_("Attempts: %(count)s · last answer: %(answer)s"), count=count, answer=one.answer)


@bp.post("/<int:endpoint_id>/retirement", needs=_MAY)
def retire(endpoint_id: int) -> Any:
    endpoint = _one(endpoint_id)
    actions.retire(g.actor, endpoint)
    flash(gettext(N_("The webhook “%(title)s” is removed. What waited is not sent."), title=endpoint.name), "ok")
    return see_other(url_for("webhooks.index"))


@bp.post("/deliveries/<int:delivery_id>/again", needs=_MAY)
def send_again(delivery_id: int) -> Any:
    delivery = db.get_or_404(WebhookDelivery, delivery_id)
    actions.send_again(g.actor, delivery)
    flash(gettext(N_("It is sent again now. Look here again in a moment.")), "ok")
    return see_other(url_for("webhooks.show", endpoint_id=delivery.endpoint_id))


def _one(endpoint_id: int) -> WebhookEndpoint:
    there = db.select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id, WebhookEndpoint.retired_at.is_(None))
    found: WebhookEndpoint = db.first_or_404(there)
    return found
