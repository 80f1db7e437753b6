"""Public forms: a page of its own for each, and where a form on somebody's site sends to. Nobody signs in here."""

import re
from typing import Any

from flask import abort, g, request, url_for
from werkzeug.wrappers import Response

from crm.blueprints.intake.visiting import Visit
from crm.domain.intake.asking import actor_for
from crm.domain.intake.models import IntakeForm
from crm.domain.intake.queries import active_form
from crm.domain.intake.taking import take
from crm.kernel.access import Actor
from crm.kernel.language import naming
from crm.web.blueprint import PUBLIC, CrmBlueprint
from crm.web.htmx import render, see_other
from crm.web.throttle import visitor_limits
from crm.web.visitors import chosen, others, said_in, speak

bp = CrmBlueprint("intake", __name__, url_prefix="/f")
_REFERENCE = re.compile(r"[2-9A-Z]{4}-[2-9A-Z]{4}")


@bp.get("/<form_key>", needs=PUBLIC)
def show(form_key: str) -> Any:
    return _page(Visit(*_form(form_key)))


@bp.post("/<form_key>", needs=PUBLIC)
@visitor_limits
def send(form_key: str) -> Any:
    form, actor = _form(form_key)
    visit = Visit(form, actor, request.form)
    if not visit.read():
        return _page(visit, 422)
    entry = take(form, visit.sent())
    return see_other(url_for("intake.thanks", form_key=form_key, reference=entry.reference, lang=chosen()))


@bp.get("/<form_key>/thanks/<reference>", needs=PUBLIC)
def thanks(form_key: str, reference: str) -> Any:
    """The same for whatever became of it. It says back what stands in its address, and asks nothing about it."""
    form, _ = _form(form_key)
    if not _REFERENCE.fullmatch(reference):
        abort(404)
    return render("intake/thanks.html", title=said_in(form.title), reference=reference, others=others())


def _form(key: str) -> tuple[IntakeForm, Actor]:
    speak()
    form = active_form(key)
    actor = actor_for(form) if form else None
    if form is None or actor is None:
        abort(404)
    naming.set(actor.shape)
    g.actor = actor  # whoever looks, signed in or not: here they are a visitor
    return form, actor


def _page(visit: Visit, status: int = 200) -> Response:
    return render("intake/visit.html", status, visit=visit, lang=chosen(), others=others())
