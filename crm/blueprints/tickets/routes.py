"""Tickets: what every record has, and besides it the queue, answers, macros, watching and handing over."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import abort, flash, g, render_template, request, url_for
from werkzeug.wrappers import Response

from crm.blueprints.tickets.page import TicketPage
from crm.blueprints.tickets.queueing import QueueView
from crm.domain.tickets import queue as queues
from crm.domain.tickets import watching
from crm.domain.tickets.actions import change
from crm.domain.tickets.answering import Said, mail_out, say
from crm.domain.tickets.choices import STATUSES
from crm.domain.tickets.models import TicketMacro
from crm.domain.tickets.record_type import TICKET
from crm.domain.tickets.watching import unwatch
from crm.infra.db import db
from crm.kernel.permissions import Permission
from crm.kernel.text import N_
from crm.web import drafts
from crm.web.htmx import is_htmx, render, see_other
from crm.web.i18n import gettext
from crm.web.records import record_blueprint
from crm.web.records.composing import Composed, tell_untold
from crm.web.records.page import follow_up_place
from crm.web.streams import Message, stream

bp = record_blueprint(TICKET, TicketPage)
_EDIT, _READ, _WRITE = TICKET.may_edit, TICKET.may_read, Permission.FOLLOW_UPS_WRITE


@bp.get("/queue", needs=_READ)
def queue() -> Any:
    return _queue(QueueView(request.args))


def _queue(view: QueueView) -> Response:
    page = None
    if view.open_id is not None:
        page = _page(bp.place.one(view.open_id))
        page.back = view.url()
    return render("tickets/queue.html", view=view, page=page)


@bp.get("/queue/news", needs=_READ, unasked=True)
def queue_news() -> Any:
    return _news(polling=True)


@bp.get("/queue/stream", needs=_READ, unasked=True)
def stream_queue() -> Any:
    return stream(queues.NEWS, lambda: Message(_news()), instead=queue_news)


def _news(*, polling: bool = False) -> str:
    view, seen = QueueView(request.args), request.args.get("seen", "")
    changed = view.seen != seen
    return render_template("tickets/_news.html", view=view, changed=changed, polling=polling, asked=seen)


def _page(record: Any) -> TicketPage:
    return TicketPage(TICKET, record)


def _id(given: str) -> int:
    return int(given) if given.isdecimal() and len(given) < 19 else 0


def _back(record_id: int) -> Response:
    """To where it was pressed: the queue, or the ticket's page, which whoever gave it away may not see any more."""
    back, at = request.form.get("back", ""), url_for("tickets.queue")
    seen = db.session.scalar(TICKET.entity.visible_to(g.actor).where(TICKET.entity.id == record_id))
    if back.startswith(at + "?"):
        return see_other(back if seen is not None else f"{at}?{_without(back.partition('?')[2], 'ticket')}")
    return see_other(bp.place.url(record_id) if seen is not None else at)


def _without(query: str, key: str) -> str:
    return urlencode([each for each in parse_qsl(query) if each[0] != key])


@bp.post("/<int:record_id>/claim", needs=_EDIT)
def claim(record_id: int) -> Any:
    queues.claim(g.actor, bp.place.one(record_id))
    flash(gettext(N_("The %(ticket)s is yours now.")), "ok")
    return _back(record_id)


@bp.post("/<int:record_id>/status", needs=_EDIT)
def move(record_id: int) -> Any:
    """The next step, or one back; with `parts`, those that are part of it and the actor may work on take it too."""
    ticket = bp.place.one(record_id, _EDIT, lock=True)
    status = request.form.get("status", "")
    if status not in {each.key for each in STATUSES}:
        abort(400)
    change(g.actor, ticket, {"status": status})
    if request.form.get("parts"):
        for each in queues.undone_parts(g.actor, ticket, lock=True):
            change(g.actor, each, {"status": status})
    flash(gettext(N_("The %(record)s is saved."), record=bp.place.noun), "ok")
    return _back(record_id)


@bp.post("/<int:record_id>/watching", needs=_READ)
def watch(record_id: int) -> Any:
    ticket = bp.place.one(record_id)
    if request.form.get("watch") == "1":
        watching.watch(g.actor, ticket)
        flash(gettext(N_("You are told what becomes of it.")), "ok")
    else:
        unwatch(g.actor, ticket)
        flash(gettext(N_("You are told of it no more.")), "ok")
    return _back(record_id)


@bp.post("/<int:record_id>/team", needs=_EDIT)
def hand_over(record_id: int) -> Any:
    team = request.form.get("team", "")
    queues.hand_over(g.actor, bp.place.one(record_id, lock=True), _id(team))
    flash(gettext(N_("The %(ticket)s is in the other queue now.")), "ok")
    return _back(record_id)


@bp.post("/<int:record_id>/answers", needs=_WRITE)
def answer(record_id: int) -> Any:
    one = bp.place.one(record_id, _WRITE, lock=True)
    composed, form = Composed(), request.form
    public, status = form.get("public") == "1", form.get("status", "")
    if status and status not in {each.key for each in STATUSES}:
        abort(400)
    outcome = composed.kept(
        lambda storage: say(
            g.actor, one, Said(composed.form.values, public, status, composed.told, composed.files), storage
        )
    )
    if outcome is None:
        page = _page(one)
        page.composer, page.refused, page.said_public, page.status_chosen = composed.form, composed, public, status
        page.back = form.get("back", "")
        return bp.place.render("show", 422, part=page.composer_part, page=page)
    tell_untold(outcome.untold, bp.place.noun)
    mailed = mail_out(g.actor, one, outcome)
    if mailed:
        flash(gettext(N_("It goes to the contact by mail.")), "info")
        if composed.files:
            flash(gettext(N_("The files are kept here and are not sent along.")), "warn")
    elif mailed is False:
        flash(gettext(N_("There is no contact with a mail address: pass it on yourself.")), "warn")
    drafts.forget(follow_up_place(one))
    words = N_("The answer is saved.") if outcome.follow_up.public else N_("The note is saved.")
    flash(gettext(words), f"ok draft:{follow_up_place(one)}")
    if not is_htmx():
        return _back(record_id)
    db.session.flush()
    db.session.expire_all()
    page = _page(bp.place.one(record_id))
    page.back = form.get("back", "")
    return render("tickets/answered.swap.html", page=page, item=None)


@bp.post("/<int:record_id>/macro", needs=_WRITE)
def use_macro(record_id: int) -> Any:
    """The composer with the words of a macro in it. Nothing is kept: it is only asked for with what stands there."""
    page = _page(bp.place.one(record_id, _WRITE))
    page.back = request.form.get("back", "")
    for key, control in page.composer.by_name.items():
        control.text = request.form.get(key, control.text)
    page.said_public, page.status_chosen = request.form.get("public") == "1", request.form.get("status", "")
    page.answered = True
    chosen = request.form.get("macro", "")
    macro = db.session.get(TicketMacro, _id(chosen))
    if macro is not None and macro.retired_at is None:
        page.use(macro)
    return bp.place.render("show", part=page.composer_part, page=page)
