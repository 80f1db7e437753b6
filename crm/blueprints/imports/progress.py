"""How far a worker is: one fragment, on the page, over the stream and when polling."""

from typing import Any

from flask import Response, render_template, request, url_for

from crm.blueprints.imports.page import WORKING_WORDS, ImportPage, duration, one
from crm.blueprints.imports.routes import MAY, bp
from crm.domain.imports.models import Import
from crm.domain.imports.states import State
from crm.domain.imports.turns import done_of
from crm.infra import clock
from crm.kernel.text import N_
from crm.web.formats import number
from crm.web.htmx import render
from crm.web.i18n import gettext
from crm.web.streams import Message, stream


class Progress:
    """One import under way, in words. `phase` is the state the page was made for."""

    def __init__(self, record: Import, phase: str, *, polling: bool = False) -> None:
        self.record, self.phase, self.polling = record, phase, polling

    @property
    def moved_on(self) -> bool:
        return self.record.state != self.phase

    @property
    def url(self) -> str:
        return url_for("imports.show", import_id=self.record.id)

    @property
    def poll_url(self) -> str:
        return url_for("imports.progress", import_id=self.record.id, phase=self.phase)

    @property
    def stream_url(self) -> str:
        return url_for("imports.stream_progress", import_id=self.record.id, phase=self.phase)

    @property
    def label(self) -> str:
        if self.record.cancel_requested:
            return gettext(N_("Stopping after the rows under way"))
        if self.record.retry_at:
            return gettext(N_("Waiting a moment before trying again"))
        if self.record.phase_began_at is None or self.record.state not in WORKING_WORDS:
            return gettext(N_("Waiting for its turn"))
        if self.record.state == State.CHECKING and self.record.fraction >= 1:
            return gettext(N_("Comparing the rows with each other"))
        return gettext(WORKING_WORDS[State(self.record.state)])

    @property
    def percent(self) -> int | None:
        """None: not known yet, or so near the end that only the last step is left."""
        fraction = self.record.fraction
        return None if fraction <= 0 or (fraction >= 1 and self.phase == State.CHECKING) else int(fraction * 100)

    @property
    def words(self) -> str:
        """12,000 of 100,000 rows · 5,100 rows a second · 18 s left"""
        record = self.record
        if record.state == State.INSPECTING or not record.rows:
            return ""
        if record.state in (State.RUNNING, State.REHEARSING):
            done = gettext(N_("%(done)s of %(total)s rows"), done=number(done_of(record)), total=number(record.rows))
        else:
            done = gettext(N_("%(done)s rows"), done=number(record.rows))
        return " · ".join(filter(None, [done, *self._pace()]))

    def _pace(self) -> list[str]:
        record = self.record
        if not record.phase_began_at or not record.progressed_at:
            return []
        seconds = (record.progressed_at - record.phase_began_at).total_seconds()
        rows = done_of(record) - record.phase_began_rows
        gone = record.fraction - record.phase_began_fraction
        if seconds <= 0 or rows <= 0 or gone <= 0:
            return []
        silent = (clock.now() - record.progressed_at).total_seconds()
        left = max(0.0, seconds / gone * (1 - record.fraction) - silent)
        return [
            gettext(N_("%(rate)s rows a second"), rate=number(round(rows / seconds))),
            gettext(N_("%(time)s left"), time=duration(left)),
        ]

    @property
    def counts(self) -> list[tuple[str, str, str]]:
        """(words, number, state) of what has been found or done so far."""
        record = self.record
        if record.state == State.REHEARSING:
            return []
        if record.state == State.RUNNING:
            shown = (
                (N_("created"), record.created, "ok"),
                (N_("updated"), record.updated, "info"),
                (N_("merged"), record.merged, "info"),
                (N_("skipped"), record.skipped, "warn"),
                (N_("failed"), record.failed, "bad"),
            )
        else:
            shown = (
                (N_("good"), record.valid, "ok"),
                (N_("already there"), record.duplicate, "info"),
                (N_("with problems"), record.invalid, "bad"),
            )
        return [(gettext(words), number(count), state) for words, count, state in shown if count]


def working(record: Import, here: str) -> Response:
    """The page of a step that a worker is at; `here` is the step's endpoint."""
    progress = Progress(record, record.state)
    return render("imports/working.html", page=ImportPage(record), progress=progress, here=here)


def fragment(progress: Progress) -> str:
    return render_template("imports/_progress.html", progress=progress)


@bp.get("/<int:import_id>/progress", needs=MAY)
def progress(import_id: int) -> Any:
    return fragment(Progress(one(import_id), request.args.get("phase", ""), polling=True))


@bp.get("/<int:import_id>/stream", needs=MAY)
def stream_progress(import_id: int) -> Any:
    phase = request.args.get("phase", "")
    one(import_id)

    def ask() -> Message:
        now = Progress(one(import_id), phase)
        return Message(fragment(now), last=now.moved_on)

    return stream(f"import:{import_id}", ask, instead=lambda: progress(import_id))
