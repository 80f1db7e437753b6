"""The calendar as a feed at a secret address: made anew, taken back, and answered to whoever knows it."""

from typing import Any

from flask import Response, abort, flash, g, request, url_for

from crm.domain.tasks import feeds
from crm.domain.tasks.record_type import TASK
from crm.kernel.language import reading
from crm.kernel.text import N_
from crm.web.blueprint import PUBLIC, SIGNED_IN, CrmBlueprint
from crm.web.calendar_file import calendar_of
from crm.web.formats import moment
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext

bp = CrmBlueprint("calendar", __name__)


@bp.get("/calendar/<token>.ics", needs=PUBLIC)
def feed(token: str) -> Any:
    """What the person may see at this moment, whoever asks; somebody else's and nobody's address are the same 404."""
    person = feeds.whose(token)
    actor = person.actor if person else None
    if person is None or actor is None or "tasks" not in actor.modules or not actor.may(TASK.may_read):
        abort(404)
    reading.set(person.language or g.settings.language)
    site = (g.settings.base_url or request.host_url).rstrip("/")
    return Response(calendar_of(actor, site), content_type="text/calendar; charset=utf-8")


@bp.get("/account/calendar", needs=SIGNED_IN)
def address() -> Any:
    return _page()


@bp.post("/account/calendar", needs=TASK.may_read)
def make_address() -> Any:
    """The address is shown this once: only its hash is kept."""
    token = feeds.make_feed(g.actor, g.person)
    site = (g.settings.base_url or request.host_url).rstrip("/")
    return _page(site + url_for("calendar.feed", token=token))


@bp.post("/account/calendar/revocation", needs=SIGNED_IN)
def revoke_address() -> Any:
    feeds.revoke_feed(g.actor, g.person)
    flash(gettext(N_("The address is taken back: calendars that ask there get nothing any more.")), "ok")
    return see_other(url_for("calendar.address"))


def _page(made: str = "") -> Any:
    known = feeds.feed_of(g.person)
    since = moment(known.created_at) if known else ""
    return render("calendar/address.html", since=since, made=made, may=g.actor.may(TASK.may_read))
