"""Whether the log is whole: the last answer, how far the next one is, and the anchors as they can be copied."""

from typing import Any

from flask import g, render_template, url_for

from crm.blueprints.audit.routes import MAY, bp
from crm.domain.audit import actions, anchors, ownership, sealing
from crm.domain.audit.models import Verification
from crm.infra import clock
from crm.kernel.text import N_
from crm.web.errors import sentence
from crm.web.formats import number
from crm.web.htmx import is_htmx, render, see_other
from crm.web.i18n import gettext
from crm.web.streams import Message, stream


class Progress:
    """A check under way, or none any more."""

    def __init__(self, record: Verification | None, *, polling: bool = False) -> None:
        self.record, self.polling = record, polling

    @property
    def label(self) -> str:
        begun = self.record is not None and self.record.total is not None
        return gettext(N_("Checking the log")) if begun else gettext(N_("Waiting for its turn"))

    @property
    def percent(self) -> int | None:
        if self.record is None or not self.record.total:
            return None
        return min(100, self.record.checked * 100 // self.record.total)

    @property
    def words(self) -> str:
        if self.percent is None or self.record is None:
            return ""
        places = {"done": number(self.record.checked), "total": number(self.record.total)}
        return gettext(N_("%(done)s of %(total)s lines"), **places)

    @property
    def fragment(self) -> str:
        return render_template("audit/_progress.html", progress=self)


class VerificationView:
    def __init__(self) -> None:
        self.last = actions.last_verification()
        self.progress = Progress(actions.next_verification())
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
    return Progress(actions.next_verification(), polling=True).fragment


@bp.get("/verification/stream", needs=MAY)
def stream_verification() -> Any:
    def ask() -> Message:
        now = Progress(actions.next_verification())
        return Message(now.fragment, last=now.record is None)

    return stream(actions.NEWS, ask, instead=verification_progress)
