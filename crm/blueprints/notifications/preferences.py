"""One's own page of how one is told: kinds and channels, quiet hours, digests."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import flash, g, request, url_for

from crm.domain.notifications.kinds import Kind
from crm.domain.notifications.models import DIGEST, NEVER, ONCE
from crm.domain.notifications.preferences import DAILY, NONE, WEEKLY, Ways, Wishes, change, wishes_of
from crm.kernel.company import company
from crm.kernel.errors import Invalid
from crm.kernel.text import N_
from crm.web.blueprint import SIGNED_IN, CrmBlueprint
from crm.web.errors import told
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext
from crm.web.notifications import MANNERS, wanted_kinds

bp = CrmBlueprint("notification_preferences", __name__, url_prefix="/account/notifications")
BY_MAIL = {ONCE: N_("At once"), DIGEST: N_("In the digest"), NEVER: N_("Never")}
DIGESTS = {DAILY: N_("Every day"), WEEKLY: N_("Every Monday"), NONE: N_("No digest")}


@dataclass(frozen=True)
class Row:
    key: str
    words: str
    in_page: bool
    by_mail: str


@bp.get("", needs=SIGNED_IN)
def index() -> Any:
    return _page(wishes_of([g.person.id])[g.person.id])


@bp.post("", needs=SIGNED_IN)
def save() -> Any:
    before = wishes_of([g.person.id])[g.person.id]
    wishes, form = _kinds(before, request.form), request.form
    try:
        wishes = replace(wishes, digest=_one_of(DIGESTS, form.get("digest"), before.digest))
        quiet = (_time(form, "quiet_from"), _time(form, "quiet_to"))
        wishes = replace(wishes, digest_at=_time(form, "digest_at") or before.digest_at)
        wishes = replace(wishes, quiet_from=quiet[0], quiet_to=quiet[1])
        change(g.actor, g.person, wishes)
    except Invalid as problem:
        return _page(wishes, 422, (str(problem.params.get("key", "quiet_from")), told(problem)))
    flash(gettext(N_("From now on you are told as you chose.")), "ok")
    return see_other(url_for("notification_preferences.index"))


def _kinds(before: Wishes, form: Mapping[str, str]) -> Wishes:
    ways = {
        kind: Ways(f"page-{kind}" in form, _one_of(BY_MAIL, form.get(f"mail-{kind}"), before.kinds[kind].by_mail))
        for kind in wanted_kinds()
    }
    return replace(before, kinds={**before.kinds, **ways})


def _one_of(known: Mapping[str, str], chosen: str | None, otherwise: str) -> str:
    return chosen if chosen in known else otherwise


def _time(form: Mapping[str, str], key: str) -> dt.time | None:
    text = form.get(key, "").strip()
    if not text:
        return None
    try:
        return dt.time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise Invalid(N_("“%(value)s” is no time of day: write it like 08:30."), value=text[:20], key=key) from None


def _page(wishes: Wishes, status: int = 200, problem: tuple[str, str] | None = None) -> Any:
    rows = [Row(kind, gettext(MANNERS[Kind(kind)].choice), *_ways(wishes, kind)) for kind in wanted_kinds()]
    typed = request.form if problem else {}
    times = {"quiet_from": wishes.quiet_from, "quiet_to": wishes.quiet_to, "digest_at": wishes.digest_at}
    return render(
        "notifications/preferences.html",
        status,
        rows=rows,
        by_mail=[(key, gettext(words)) for key, words in BY_MAIL.items()],
        digests=[(key, gettext(words)) for key, words in DIGESTS.items()],
        digest=wishes.digest,
        times={key: typed.get(key, f"{at:%H:%M}" if at else "") for key, at in times.items()},
        zone=company.timezone,
        problem=problem,
        server=bool(g.settings.mail_url),
    )


def _ways(wishes: Wishes, kind: Kind) -> tuple[bool, str]:
    ways = wishes.kinds[kind]
    return ways.in_page, ways.by_mail
