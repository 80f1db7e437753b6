"""What one has been told: the newest first, read one by one or all at once."""

from dataclasses import dataclass
from typing import Any

from flask import Response, g, request, url_for

from crm.domain.notifications import actions
from crm.domain.notifications.actions import Kind, topic_of
from crm.domain.notifications.queries import Told, notifications, one_of, unread
from crm.infra.db import db
from crm.web.blueprint import PUBLIC, SIGNED_IN, CrmBlueprint
from crm.web.formats import ago, moment
from crm.web.htmx import render, see_other
from crm.web.notifications import MANNERS, address, bell_words, unread_words, words
from crm.web.streams import Message, stream, told_once

_AGAIN = 30_000  # milliseconds
bp = CrmBlueprint("notifications", __name__, url_prefix="/notifications")


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
    found = notifications(g.actor, int(before) if before.isdecimal() and len(before) < 19 else None)
    items = list(filter(None, map(_item, found.told)))
    return render(
        "notifications/index.html",
        items=items,
        unseen=found.hidden + len(found.told) - len(items),
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


def _item(told: Told) -> Item | None:
    """None where there is nothing that may be told."""
    one, said = told.notification, words(g.actor, told)
    if not said:
        return None
    icon, at = MANNERS[Kind(one.kind)].icon, one.occurred_at
    return Item(one.id, icon, said, address(told), one.read_at is None, at.isoformat(), ago(at), moment(at))


@bp.get("/stream", needs=PUBLIC, unasked=True)
def stream_count() -> Any:
    """How many are not read, for the bell of a page that is being looked at: the number, and the words for it.

    Where enough bells listen already it is told once, and the browser asks again by itself after a while.
    """
    if g.person is None:  # signed out meanwhile: the page's own requests say so, and the bell is silent
        return "", 204

    def ask() -> Message:
        count = unread_words()
        return Message(f"{count}\n{bell_words(count)}")

    def once() -> Any:
        return Response(told_once(ask(), _AGAIN), mimetype="text/event-stream", headers={"Cache-Control": "no-store"})

    return stream(topic_of(g.person.id), ask, instead=once, share=0.5)
