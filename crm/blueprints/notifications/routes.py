"""What one has been told: the newest first, read one by one or all at once."""

from dataclasses import dataclass
from typing import Any

from flask import g, request, url_for

from crm.domain.notifications import actions
from crm.domain.notifications.actions import Kind
from crm.domain.notifications.queries import Told, notifications, one_of, unread
from crm.infra.db import db
from crm.kernel.text import N_
from crm.web.blueprint import SIGNED_IN, CrmBlueprint
from crm.web.formats import ago, moment
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext

bp = CrmBlueprint("notifications", __name__, url_prefix="/notifications")

_KINDS = {
    Kind.MENTIONED: ("message-square", N_("%(who)s points a follow-up out to you: %(name)s")),
    Kind.ASSIGNED: ("user", N_("%(who)s gave you something to do: %(name)s")),
    Kind.DUE: ("clock", N_("Due: %(name)s")),
    Kind.BIRTHDAY: ("calendar", N_("The birthday of %(name)s is near")),
    Kind.POOL_NEAR: ("inbox", N_("Goes back into the public pool soon, unless you follow it up: %(name)s")),
    Kind.POOLED: ("inbox", N_("Went back into the public pool: %(name)s")),
    Kind.ACCESS_ASKED: ("user", N_("%(who)s asks to see %(name)s: share it, or say no, on its page")),
    Kind.ACCESS_GRANTED: ("users", N_("%(who)s has shared %(name)s with you, as you asked")),
    Kind.NEEDS_SALES: ("inbox", N_("%(who)s asks you to look after a %(ticket)s of your %(customer)s: %(name)s")),
    Kind.SALES_DONE: ("check", N_("%(who)s has looked after it for sales: %(name)s")),
    Kind.TICKET_NEWS: ("inbox", N_("There is news of %(name)s")),
    Kind.LOW_RATING: ("circle-alert", N_("A %(customer)s is not content: %(name)s")),
    Kind.CAME_IN: ("inbox", N_("Somebody has written again by a form: %(name)s")),
    Kind.EXPORTED: ("download", N_("Your export is ready: %(name)s")),
    Kind.NOT_EXPORTED: ("circle-alert", N_("Your export stopped: %(name)s")),
}


@dataclass(frozen=True)
class Item:
    """The sentence is made here, of what the reader may see now."""

    id: int
    icon: str
    words: str
    url: str
    unread: bool
    iso: str
    ago: str
    exact: str


@bp.get("/", needs=SIGNED_IN)
def index() -> Any:
    before = request.args.get("before", "")
    found = notifications(g.actor, int(before) if before.isdigit() and len(before) < 19 else None)
    return render(
        "notifications/index.html",
        items=[_item(each) for each in found.told],
        unseen=found.hidden,
        waiting=unread(g.actor),
        older=url_for("notifications.index", before=found.after) if found.after else "",
    )


@bp.post("/<int:notification_id>/reading", needs=SIGNED_IN)
def read(notification_id: int) -> Any:
    actions.mark_read(g.actor, db.one_or_404(one_of(g.actor, notification_id)).id)
    return see_other(url_for("notifications.index"))


@bp.post("/reading", needs=SIGNED_IN)
def read_all() -> Any:
    actions.mark_read(g.actor)
    return see_other(url_for("notifications.index"))


def _item(told: Told) -> Item:
    one = told.notification
    icon, sentence = _KINDS[Kind(one.kind)]
    at = one.occurred_at
    return Item(
        one.id,
        icon,
        gettext(sentence, who=told.by or gettext(N_("System")), name=told.record),
        f"/{one.subject_type}/{one.subject_id}",
        one.read_at is None,
        at.isoformat(),
        ago(at),
        moment(at),
    )
