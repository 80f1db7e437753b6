"""Steps three and four: what the check found, what is to become of duplicates, and the run itself."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import g, request, url_for

from crm.blueprints.imports.converting import told_rules
from crm.blueprints.imports.page import ImportPage, one
from crm.blueprints.imports.progress import working
from crm.blueprints.imports.rehearsal import rehearsed_words
from crm.blueprints.imports.routes import MAY, bp
from crm.domain.imports import actions
from crm.domain.imports.comparing import can_compare
from crm.domain.imports.fixing import is_fixable
from crm.domain.imports.models import ImportRow
from crm.domain.imports.queries import PAGE, problem_rows
from crm.domain.imports.rows import cell
from crm.domain.imports.states import DUPLICATES, WRITING, RowState, State
from crm.domain.imports.targets import may_write_over
from crm.domain.imports.translating import Unknown, unknown
from crm.kernel.errors import Invalid
from crm.kernel.text import N_
from crm.web.errors import told
from crm.web.formats import number
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext

_CLIP = 80
_HELP = {
    "skip": N_("What is stored stays as it is."),
    "update": N_("Values of the file replace those of the record; empty cells change nothing."),
    "fill": N_("Values of the file go where the record has none; nothing that is there changes."),
    "merge": N_(
        "What the record has stays; what it lacks is added, lists are joined, long texts put below each other."
    ),
    "create": N_("There will be two of each."),
}


@dataclass(frozen=True)
class Problem:
    line: int
    column: str
    value: str
    words: str
    bad: bool


class CheckPage(ImportPage):
    refused = ""

    @property
    def automation(self) -> bool:
        """Whether there is a choice to be made."""
        return "automation" in g.actor.modules

    @property
    def sums(self) -> tuple[list[tuple[str, str, str, str, int]], tuple[str, str, str, int]]:
        record = self.record
        parts = (
            (N_("good"), record.valid, "ok", RowState.VALID),
            (N_("twice in the file"), record.duplicate_file, "warn", RowState.DUPLICATE_FILE),
            (N_("already there"), record.duplicate_stored, "info", RowState.DUPLICATE_STORED),
            (N_("with problems"), record.invalid, "bad", RowState.INVALID),
        )
        shown = [
            (gettext(words), number(count), state, self.rows_url(kind) if count else "", count)
            for words, count, state, kind in parts
        ]
        total = (gettext(N_("rows in the file")), number(record.rows), self.rows_url("all"), record.rows)
        return shown, total

    def rows_url(self, kind: str) -> str:
        return url_for("imports.rows", import_id=self.record.id, kind=str(kind))

    @property
    def hours(self) -> list[tuple[str, str]]:
        """At which it may run later."""
        return [(f"{hour:02}:00", f"{hour:02}:00") for hour in range(24)]

    @cached_property
    def rules(self) -> list[str]:
        return told_rules(self)

    @property
    def rehearsed(self) -> str:
        return rehearsed_words(self.record)

    @property
    def likes(self) -> bool:
        """Whether rows were, or could be, looked at for those that are only alike."""
        return self.is_own and self.record.state == State.CHECKED and can_compare(self.record)

    @property
    def convertible(self) -> bool:
        return self.is_own and self.record.state == State.CHECKED

    @property
    def fixable(self) -> bool:
        return bool(self.record.invalid) and is_fixable(g.actor, self.record)

    @cached_property
    def unknown(self) -> Unknown | None:
        """The text that most rows have and no field can read."""
        if not self.is_own or self.record.state != State.CHECKED or not self.record.invalid:
            return None
        return next(iter(unknown(self.record, self.type)), None)

    @cached_property
    def found(self) -> Any:
        after = request.args.get("after", "")
        return problem_rows(self.record, int(after) if after.isdecimal() else 0)

    @property
    def problems(self) -> list[Problem]:
        return [problem for row in self.found[:PAGE] for problem in self._problems(row)]

    def _problems(self, row: ImportRow) -> list[Problem]:
        labels = {each.key: gettext(each.label) for each in self.type.fields}
        found = []
        for key, column, message, params, severity in row.problems or ():
            known = column in self.open_columns
            heading = self.columns[column] if known else labels.get(key, "")
            value = cell(None, row.raw[column])[:_CLIP] if known and column < len(row.raw) else ""
            words = self.problem_words(key, column, message, params)
            found.append(Problem(row.line, heading, value, words, severity == "bad"))
        return found

    @property
    def next_url(self) -> str:
        if len(self.found) <= PAGE:
            return ""
        return url_for("imports.check", import_id=self.record.id, after=self.found[PAGE - 1].line) + "#problems"

    @property
    def first_url(self) -> str:
        return url_for("imports.check", import_id=self.record.id) + "#problems" if request.args.get("after") else ""

    @property
    def choices(self) -> list[tuple[str, str, str]]:
        may_edit = may_write_over(g.actor, self.type)
        return [
            (each.key, gettext(each.label), gettext(_HELP[each.key]))
            for each in DUPLICATES
            if may_edit or each.key not in WRITING
        ]


@bp.get("/<int:import_id>/check", needs=MAY)
def check(import_id: int) -> Any:
    import_ = one(import_id)
    if import_.state in (State.CHECKING, State.COMPARING, State.REHEARSING):
        return working(import_, "imports.check")
    if import_.mapping is None or import_.state in (State.INSPECTING, State.MAPPING):
        return see_other(url_for("imports.mapping", import_id=import_id))
    return render("imports/check.html", page=CheckPage(import_))


def automates() -> bool:
    """Whether rules of automation hear of what comes in: only where somebody says so."""
    return request.form.get("automates") == "1" and "automation" in g.actor.modules


@bp.post("/<int:import_id>/run", needs=MAY)
def start(import_id: int) -> Any:
    import_ = one(import_id)
    duplicates, when = request.form.get("duplicates", ""), request.form.get("when", "")
    try:
        if when == "tonight":
            at = _time_of_day(request.form.get("at", ""))
            actions.schedule(g.actor, import_, duplicates=duplicates, automates=automates(), at=at)
            return see_other(url_for("imports.check", import_id=import_id))
        actions.start(g.actor, import_, duplicates=duplicates, automates=automates())
    except Invalid as problem:
        page = CheckPage(import_)
        page.refused = told(problem)
        return render("imports/check.html", 422, page=page)
    return see_other(url_for("imports.run", import_id=import_id))


def _time_of_day(text: str) -> dt.time:
    try:
        return dt.time.fromisoformat(text)
    except ValueError as error:
        raise Invalid(N_("“%(value)s” is not a time such as 22:00."), value=text[:20]) from error


@bp.post("/<int:import_id>/run/cancellation", needs=MAY)
def unschedule(import_id: int) -> Any:
    actions.unschedule(g.actor, one(import_id))
    return see_other(url_for("imports.check", import_id=import_id))


@bp.get("/<int:import_id>/run", needs=MAY)
def run(import_id: int) -> Any:
    import_ = one(import_id)
    return working(import_, "imports.run") if import_.state == State.RUNNING else see_other(ImportPage(import_).url)
