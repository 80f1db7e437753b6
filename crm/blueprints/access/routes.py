"""Asking to see a record, a list or the program itself, and the answers."""

from typing import Any

from flask import abort, flash, g, redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from crm.blueprints.access.page import views
from crm.domain.access import of_records
from crm.domain.access.administered import Stranger, ask_account, ask_list, door_is_open
from crm.domain.access.models import AccessRequest
from crm.domain.access.queries import ANSWERED, MINE, PAGE, WAITING, may_decide, readable, requests
from crm.domain.access.words import LONGEST, LONGEST_LINE
from crm.domain.people.lasting import until
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.records import RecordType
from crm.kernel.text import N_
from crm.web.account_letter import can_mail
from crm.web.blueprint import PUBLIC, SIGNED_IN, CrmBlueprint
from crm.web.errors import told
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext, language
from crm.web.throttle import visitor_limits

bp = CrmBlueprint("access", __name__, url_prefix="/access")
_TRAP = "homepage"  # filled in by robots alone


def _type(type_key: str) -> RecordType:
    return RECORD_TYPES[type_key] if type_key in RECORD_TYPES and type_key in g.actor.modules else abort(404)


@bp.get("/", needs=SIGNED_IN)
def index() -> Any:
    """One's own; whoever administers looks through what is asked of them first."""
    decides = may_decide(g.actor)
    tab = request.args.get("tab", WAITING) if decides else MINE
    before = request.args.get("before", "")
    since = int(before) if before.isdecimal() and len(before) < 19 else None
    found = requests(g.actor, tab, since)
    tabs = ((N_("Waiting"), WAITING), (N_("Answered"), ANSWERED), (N_("Mine"), MINE)) if decides else ()
    return render(
        "access/index.html",
        views=views(found[:PAGE]),
        older=url_for("access.index", tab=tab, before=found[PAGE - 1].id) if len(found) > PAGE else "",
        tabs=[(gettext(words), url_for("access.index", tab=key), key == tab) for words, key in tabs],
        door=door_is_open() if decides else None,
        mails=can_mail(),
    )


@bp.get("/records/<type_key>/<int:record_id>", needs=SIGNED_IN)
def record(type_key: str, record_id: int) -> Any:
    """The same for a record that is not there: nobody learns by asking what there is."""
    type_ = _type(type_key)
    if _visible(type_, record_id):
        return see_other(url_for(f"{type_key}.show", record_id=record_id))
    return _record_form(type_, record_id)


def _visible(type_: RecordType, record_id: int) -> bool:
    entity = type_.entity
    statement = entity.visible_to(g.actor).where(entity.id == record_id).with_only_columns(entity.id)
    return db.session.scalar(statement) is not None


def _record_form(type_: RecordType, record_id: int, status: int = 200, problem: str = "") -> Response:
    asked = url_for("access.ask_record", type_key=type_.key, record_id=record_id)
    return _form(asked, N_("Ask to see this"), _OWNER, url_for(f"{type_.key}.index"), status, problem)


_OWNER = N_("If there is a record at this address, whoever it belongs to is asked, and you are told once it is shared.")
_ADMINISTRATOR = N_("Whoever administers this program is asked, and you are told what they decide.")


def _form(url: str, title: str, help_: str, back: str, status: int = 200, problem: str = "") -> Response:
    return render(
        "access/ask.html",
        status,
        url=url,
        title=gettext(title),
        help=gettext(help_),
        back=back,
        problem=problem,
        reason=request.form.get("why", ""),
        longest=LONGEST,
    )


@bp.post("/records/<type_key>/<int:record_id>", needs=SIGNED_IN)
def ask_record(type_key: str, record_id: int) -> Any:
    type_ = _type(type_key)
    if _visible(type_, record_id):
        return see_other(url_for(f"{type_key}.show", record_id=record_id))
    try:
        of_records.ask(g.actor, type_, [record_id], request.form.get("why", ""))
    except Invalid as error:
        return _record_form(type_, record_id, 422, told(error))
    flash(gettext(N_("It is passed on. You are told once it is shared with you.")), "ok")
    return see_other(url_for(f"{type_key}.index"))


@bp.get("/lists/<type_key>", needs=SIGNED_IN)
def list_(type_key: str) -> Any:
    type_ = _type(type_key)
    if g.actor.may(type_.entity.read_permission):
        return see_other(url_for(f"{type_key}.index"))
    return _list_form(type_)


def _list_form(type_: RecordType, status: int = 200, problem: str = "") -> Response:
    asked = url_for("access.ask_list_post", type_key=type_.key)
    return _form(asked, N_("Ask for this list"), _ADMINISTRATOR, "/", status, problem)


@bp.post("/lists/<type_key>", needs=SIGNED_IN)
def ask_list_post(type_key: str) -> Any:
    type_ = _type(type_key)
    try:
        ask_list(g.actor, type_, request.form.get("why", ""))
    except Invalid as error:
        return _list_form(type_, 422, told(error))
    flash(gettext(N_("It is passed on to whoever administers this program.")), "ok")
    return see_other(url_for("access.index"))


@bp.get("/account", needs=PUBLIC)
def account() -> Any:
    return _account() if door_is_open() else abort(404)


def _account(status: int = 200, wrong: dict[str, str] | None = None) -> Response:
    return render("access/account.html", status, typed=request.form, wrong=wrong or {}, longest=(LONGEST_LINE, LONGEST))


@bp.post("/account", needs=PUBLIC)
@visitor_limits
def ask_account_post() -> Any:
    """The same answer for everybody, whoever has an account already and whoever fills in the trap included."""
    if not door_is_open():
        abort(404)
    typed = [request.form.get(each, "") for each in ("name", "email", "organisation", "why")]
    try:
        if not request.form.get(_TRAP):
            ask_account(Stranger(*typed, language()))
    except (Invalid, RuleBroken) as error:
        return _account(422, {str(error.params.get("key", "")): told(error)})
    return see_other(url_for("access.asked"))


@bp.get("/account/asked", needs=PUBLIC)
def asked() -> Any:
    return render("access/asked.html")


@bp.post("/<int:request_id>/answer", needs=SIGNED_IN)
def answer(request_id: int) -> Any:
    """By whoever may share the record that is asked for."""
    found = db.one_or_404(
        select(AccessRequest)
        .where(AccessRequest.id == request_id, AccessRequest.subject_id.is_not(None))
        .with_for_update()
    )
    type_ = _type(found.subject_type)
    subject = db.one_or_404(type_.entity.visible_to(g.actor).where(type_.entity.id == found.subject_id))
    ends = until(request.form.get("lasts", ""))
    of_records.answer(g.actor, subject, found, granted=request.form.get("answer") == "yes", until=ends)
    flash(gettext(N_("Your answer is kept.")), "ok")
    return see_other(url_for(f"{found.subject_type}.show", record_id=found.subject_id))


@bp.get("/<int:request_id>", needs=SIGNED_IN)
def show(request_id: int) -> Any:
    """Of a record it leads there, if one may see it by now."""
    one = db.one_or_404(readable(g.actor).where(AccessRequest.id == request_id))
    if one.granted and one.subject_id:
        return redirect(url_for("access.record", type_key=one.subject_type, record_id=one.subject_id))
    decides = may_decide(g.actor) and one.subject_id is None and one.answered_at is None
    if decides:
        return see_other(url_for("access.deciding", request_id=request_id))
    return render("access/show.html", view=views([one])[0])
