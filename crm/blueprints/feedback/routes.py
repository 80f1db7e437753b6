"""What people say of the program from any page, and what becomes of it."""

import re
from typing import Any

from flask import current_app, flash, g, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response

from crm.blueprints.feedback.page import views
from crm.domain.feedback import actions
from crm.domain.feedback.actions import LONGEST, Said
from crm.domain.feedback.models import KINDS, STATUSES, Feedback
from crm.domain.feedback.queries import PAGE, complained_about, everybodys, may_read_all, mine, readable
from crm.infra.db import db
from crm.kernel.errors import Conflict, Invalid
from crm.kernel.permissions import Permission
from crm.kernel.text import N_
from crm.web.blueprint import SIGNED_IN, CrmBlueprint
from crm.web.errors import status_of, told
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext
from crm.web.security import safe_next

bp = CrmBlueprint("feedback", __name__, url_prefix="/feedback", module="feedback")
_MINE, _ALL = "mine", "all"
_PART = re.compile(r"<[^>]+>")


@bp.get("/", needs=SIGNED_IN)
def index() -> Any:
    """One's own; whoever administers looks through everybody's, by what has become of it."""
    every = may_read_all(g.actor)
    tab = request.args.get("status", _ALL if every else _MINE)
    before = request.args.get("before", "")
    since = int(before) if before.isdecimal() and len(before) < 19 else None
    found = everybodys(g.actor, tab, since) if every and tab != _MINE else mine(g.actor, since)
    keys = [(N_("All"), _ALL), *((words, key) for key, words in STATUSES.items()), (N_("Mine"), _MINE)] if every else []
    older = url_for("feedback.index", status=tab, before=found[PAGE - 1].id) if len(found) > PAGE else ""
    return render(
        "feedback/index.html",
        views=views(found[:PAGE]),
        older=older,
        places=complained_about() if every and tab == _ALL and since is None else (),
        tabs=[(gettext(words), url_for("feedback.index", status=key), key == tab) for words, key in keys],
    )


@bp.get("/new", needs=SIGNED_IN)
def new() -> Any:
    return _form({"page": request.args.get("page", "")})


@bp.post("/", needs=SIGNED_IN)
def say() -> Any:
    typed = request.form.to_dict()
    page = _path(typed.get("page", ""))
    browser = request.user_agent.string
    try:
        actions.say(g.actor, Said(typed.get("kind", ""), typed.get("body", ""), page, _place(page), browser))
    except Invalid as problem:
        return _form(typed, status_of(problem), {str(problem.params.get("key", "body")): told(problem)})
    flash(gettext(N_("Thank you. You are told what becomes of it.")), "ok draft:feedback-new")
    return see_other(page or url_for("feedback.index"))


@bp.get("/<int:feedback_id>", needs=SIGNED_IN)
def show(feedback_id: int) -> Any:
    return _one(db.one_or_404(readable(g.actor).where(Feedback.id == feedback_id)))


@bp.post("/<int:feedback_id>/answer", needs=Permission.SYSTEM_ADMINISTER)
def answer(feedback_id: int) -> Any:
    one: Feedback = db.one_or_404(readable(g.actor).where(Feedback.id == feedback_id))
    typed = request.form.to_dict()
    version = typed.get("version", "")
    try:
        seen = int(version) if version.isdecimal() and len(version) < 10 else 0
        actions.answer(g.actor, one, typed.get("status", ""), typed.get("answer", ""), seen=seen)
    except (Invalid, Conflict) as problem:
        return _one(one, status_of(problem), typed, told(problem))
    flash(gettext(N_("The answer is saved.")), "ok")
    return see_other(url_for("feedback.show", feedback_id=one.id))


def _form(typed: dict[str, str], status: int = 200, wrong: dict[str, str] | None = None) -> Response:
    kinds = [(key, gettext(words)) for key, words in KINDS.items()]
    page = _path(typed.get("page", ""))
    return render("feedback/new.html", status, typed=typed, page=page, kinds=kinds, wrong=wrong or {}, longest=LONGEST)


def _one(one: Feedback, status: int = 200, typed: dict[str, str] | None = None, problem: str = "") -> Response:
    (view,) = views([one])
    said = typed or {"status": one.status, "answer": one.answer}
    statuses = [(key, gettext(words)) for key, words in STATUSES.items()]
    context: dict[str, Any] = {"view": view, "said": said, "statuses": statuses, "problem": problem}
    return render("feedback/show.html", status, **context, answers=may_read_all(g.actor), longest=LONGEST)


def _path(page: str) -> str:
    """Of an address of this site the path: what was asked there may tell more than somebody wants to say."""
    return safe_next(page, "").partition("#")[0].partition("?")[0]


def _place(path: str) -> str:
    """/customers/7 → /customers/…; "" where nothing answers."""
    try:
        rule, _ = current_app.url_map.bind("localhost").match(
            path.removeprefix(request.script_root), method="GET", return_rule=True
        )
    except (HTTPException, RequestRedirect):
        return ""
    return _PART.sub("…", rule.rule)
