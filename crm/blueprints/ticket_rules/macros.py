"""Words and steps that are written again and again."""

from typing import Any

from flask import abort, g, request, url_for
from werkzeug.wrappers import Response

from crm.blueprints.ticket_rules.area import MAY, Problem, bp, by_language, done, number, sent
from crm.domain.tickets import macros
from crm.domain.tickets.choices import STATUSES
from crm.domain.tickets.models import TicketMacro
from crm.infra.db import db
from crm.kernel.errors import Conflict, Invalid
from crm.kernel.text import N_
from crm.web.errors import status_of, told
from crm.web.htmx import render
from crm.web.i18n import gettext


@bp.get("/macros", needs=MAY)
def macro_list() -> Any:
    return render("ticket_rules/macros.html", rows=macros.macros(retired=False))


@bp.get("/macros/new", needs=MAY)
def new_macro() -> Any:
    return _macro(None)


@bp.get("/macros/<int:ticket_macro_id>", needs=MAY)
def macro(ticket_macro_id: int) -> Any:
    return _macro(_kept(ticket_macro_id))


def _kept(macro_id: int) -> TicketMacro:
    found = db.session.get(TicketMacro, macro_id)
    return found if found is not None and found.retired_at is None else abort(404)


def _macro(one: TicketMacro | None, status: int = 200, problem: Problem = ("", "")) -> Response:
    return render(
        "ticket_rules/macro.html",
        status,
        macro=one,
        problem=problem,
        name=request.form.get("name", one.name if one else ""),
        bodies=by_language("body", one.body if one else {}),
        public=request.form.get("public") == "1" if request.form else one.public if one else True,
        status_chosen=request.form.get("status", (one.status or "") if one else ""),
        statuses=[(each.key, gettext(each.label)) for each in STATUSES],
        places=" ".join(f"{{{{{each}}}}}" for each in macros.PLACES),
    )


@bp.post("/macros", needs=MAY)
def make_macro() -> Any:
    return _save(None)


@bp.post("/macros/<int:ticket_macro_id>", needs=MAY)
def change_macro(ticket_macro_id: int) -> Any:
    return _save(_kept(ticket_macro_id))


def _save(one: TicketMacro | None) -> Response:
    form = request.form
    given = {"name": form.get("name", ""), "body": sent("body"), "public": form.get("public") == "1"}
    try:
        saved = macros.save_macro(g.actor, one, given | {"status": form.get("status", "")}, seen=number("version") or 0)
    except (Invalid, Conflict) as problem:
        return _macro(one, status_of(problem), (problem.params.get("key", ""), told(problem)))
    return done(url_for("ticket_rules.macro_list"), name=saved.name)


@bp.post("/macros/<int:ticket_macro_id>/retirement", needs=MAY)
def retire_macro(ticket_macro_id: int) -> Any:
    one = _kept(ticket_macro_id)
    macros.retire_macro(g.actor, one)
    return done(url_for("ticket_rules.macro_list"), N_("“%(name)s” is not offered any more."), name=one.name)
