"""What agents and their heads do about satisfaction: a link for a customer, what customers said, and the rules."""

import datetime as dt
from typing import Any

from flask import abort, flash, g, request, url_for
from werkzeug.wrappers import Response

from crm.blueprints.satisfaction.report import AnswersView, ReportView
from crm.domain.satisfaction import report
from crm.domain.satisfaction.asking import make_link
from crm.domain.satisfaction.rules import MOST_DAYS, Rules, change_rules, rules
from crm.domain.tickets.models import Ticket
from crm.domain.tickets.record_type import TICKET
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.errors import Invalid
from crm.kernel.permissions import Permission
from crm.kernel.text import N_
from crm.web.blueprint import CrmBlueprint
from crm.web.errors import told
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext

bp = CrmBlueprint("satisfaction", __name__, module="tickets")
_ADMINISTER, _TICKETS = Permission.SYSTEM_ADMINISTER, TICKET.label_plural
SPANS = {"3": N_("The last 3 months"), "12": N_("The last 12 months"), "all": N_("All")}


@bp.post("/tickets/<int:record_id>/satisfaction", needs=TICKET.may_edit)
def ask(record_id: int) -> Any:
    """The link is shown this once: only its hash is kept."""
    ticket = db.one_or_404(Ticket.visible_to(g.actor).where(Ticket.id == record_id).with_for_update())
    token = make_link(g.actor, ticket)
    site = (g.settings.base_url or request.host_url).rstrip("/")
    made = site + url_for("satisfaction_page.show", token=token)
    return render("satisfaction/link.html", ticket=ticket, made=made, days=rules().days)


@bp.get("/tickets/satisfaction", needs=TICKET.may_read)
def index() -> Any:
    _check()
    span, since = _since()
    return render("satisfaction/report.html", view=ReportView(span, since), spans=_spans(), tickets=_TICKETS)


@bp.get("/tickets/satisfaction/answers", needs=TICKET.may_read)
def answers() -> Any:
    _check()
    span, since = _since()
    return render("satisfaction/answers.html", view=AnswersView(span, since, request.args), tickets=_TICKETS)


def _check() -> None:
    """Whoever may not read ratings of tickets has no such page."""
    if not report.may_read(g.actor):
        abort(404)


def _since() -> tuple[str, dt.datetime | None]:
    span = request.args.get("months", "")
    span = span if span in SPANS else "12"
    return span, None if span == "all" else clock.now() - dt.timedelta(days=int(span) * 365 / 12)


def _spans() -> list[tuple[str, str, bool]]:
    """(words, address, whether it is this one)"""
    now = _since()[0]
    return [(gettext(words), url_for("satisfaction.index", months=key), key == now) for key, words in SPANS.items()]


@bp.get("/admin/satisfaction", needs=_ADMINISTER)
def change() -> Any:
    said = rules()
    return _form({"mails": said.mails, "days": str(said.days), "low": str(said.low)})


@bp.post("/admin/satisfaction", needs=_ADMINISTER)
def keep() -> Any:
    days, low = (request.form.get(each, "").strip() for each in ("days", "low"))
    mails = "mails" in request.form
    try:
        change_rules(g.actor, Rules(mails, _whole(days), _whole(low)))
    except Invalid as problem:
        return _form({"mails": mails, "days": days, "low": low}, 422, problem)
    flash(gettext(N_("It is saved how %(customers)s are asked.")), "ok")
    return see_other(url_for("admin.index"))


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else -1


def _form(texts: dict[str, Any], status: int = 200, problem: Invalid | None = None) -> Response:
    wrong = {problem.params.get("key", "days"): told(problem)} if problem else {}
    return render("satisfaction/rules.html", status, texts=texts, wrong=wrong, most=MOST_DAYS)
