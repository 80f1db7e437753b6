"""Whether the log is whole: the last answer, how far the next one is, and the anchors as they can be copied."""

from typing import Any

from flask import g, url_for

from crm.blueprints.audit.progress import Progress
from crm.blueprints.audit.routes import MAY, bp
from crm.domain.audit import actions, anchors, ownership, sealing
from crm.infra import clock
from crm.kernel.text import N_
from crm.web.errors import sentence
from crm.web.htmx import is_htmx, render, see_other
from crm.web.i18n import gettext
from crm.web.streams import Message, stream


class VerificationView:
    def __init__(self) -> None:
        self.last = actions.last_verification()
        self.progress = _progress()
        verdict = (self.last.verdict if self.last else None) or {"wrong": [], "notes": []}
        self.wrong, self.notes = (
            [sentence(message, params) for message, params in verdict[each]] for each in ("wrong", "notes")
        )
        self.kept_from_program = ownership.kept_from_program()
        self.anchors = anchors.read(anchors.path_in(g.settings.instance))
        self.position, hash_ = sealing.head()
        self.now = str(anchors.Anchor(self.position, hash_, clock.now()))


@bp.get("/verification", needs=MAY)
def verification() -> Any:
    if is_htmx():  # the progress has ended: the browser goes on to the whole page
        return see_other(url_for("audit.verification"))
    return render("audit/verification.html", view=VerificationView())


@bp.post("/verification", needs=MAY)
def verify() -> Any:
    actions.ask_for_verification(g.actor)
    return see_other(url_for("audit.verification"))


@bp.get("/verification/progress", needs=MAY)
def verification_progress() -> Any:
    return _progress(polling=True).fragment


@bp.get("/verification/stream", needs=MAY)
def stream_verification() -> Any:
    def ask() -> Message:
        now = _progress()
        return Message(now.fragment, last=now.ended)

    return stream(actions.NEWS, ask, instead=verification_progress)


def _progress(*, polling: bool = False) -> Progress:
    url, now = url_for("audit.verification"), actions.next_verification()
    if now is None:
        return Progress(url, "", True)
    label = gettext(N_("Waiting for its turn")) if now.total is None else gettext(N_("Checking the log"))
    return Progress(url, label, False, now.checked, now.total, polling)
