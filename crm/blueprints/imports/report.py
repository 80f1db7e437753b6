"""Step five: numbers that add up, the rows behind each of them, and the failed rows to take away and correct."""

import datetime as dt
from functools import cached_property
from typing import Any

from flask import abort, g, request, url_for

from crm.blueprints.imports.page import ImportPage, one
from crm.blueprints.imports.routes import MAY, bp
from crm.domain.confirming.queries import count_of_import
from crm.domain.imports.chaining import children
from crm.domain.imports.fixing import corrected, is_fixable
from crm.domain.imports.models import Import, ImportResult, ImportRow
from crm.domain.imports.queries import PAGE, reasons, rows_of
from crm.domain.imports.rows import cell
from crm.domain.imports.states import WRITING, Outcome, RowState, State
from crm.domain.imports.targets import TARGETS
from crm.domain.retention.actions import import_file_days
from crm.domain.undoing.actions import is_undoable, may_try
from crm.infra.db import db
from crm.kernel.text import N_
from crm.web.formats import day, number
from crm.web.htmx import render
from crm.web.i18n import gettext

OUTCOMES = {
    Outcome.CREATED: (N_("created"), "ok"),
    Outcome.UPDATED: (N_("updated"), "info"),
    Outcome.MERGED: (N_("merged"), "info"),
    Outcome.SKIPPED: (N_("skipped"), "warn"),
    Outcome.FAILED: (N_("failed"), "bad"),
}
KINDS = {
    **{outcome: words for outcome, (words, _) in OUTCOMES.items()},
    "not_reached": N_("not reached"),
    "all": N_("all"),
    RowState.VALID: N_("good"),
    RowState.INVALID: N_("with problems"),
    RowState.DUPLICATE_FILE: N_("twice in the file"),
    RowState.DUPLICATE_STORED: N_("already there"),
}
_CLIP = 80
_NUMBERS = N_("%(created)s created, %(updated)s updated, %(failed)s failed")


class ReportPage(ImportPage):
    @property
    def sums(self) -> tuple[list[tuple[str, str, str, str, int]], tuple[str, str, str, int]]:
        record = self.record
        parts = [
            self._part(words, record.outcome(outcome), state, outcome) for outcome, (words, state) in OUTCOMES.items()
        ]
        if record.not_reached:
            parts.append(self._part(N_("not reached"), record.not_reached, "", "not_reached"))
        return parts, (gettext(N_("rows in the file")), number(record.rows), self._url("all", record.rows), record.rows)

    def _part(self, words: str, count: int, state: str, kind: str) -> tuple[str, str, str, str, int]:
        return gettext(words), number(count), state, self._url(str(kind), count), count

    def _url(self, kind: str, count: int) -> str:
        shown = count and not self.record.purged_at
        return url_for("imports.rows", import_id=self.record.id, kind=kind) if shown else ""

    @property
    def may_undo(self) -> bool:
        return may_try(g.actor, self.record) and is_undoable(self.record)

    @cached_property
    def waiting(self) -> int:
        """Changes of sensitive fields that the file asks for and nobody has decided about."""
        return count_of_import(self.record.id) if self.record.duplicates in WRITING else 0

    @property
    def can_fetch_failed(self) -> bool:
        return not self.record.purged_at and bool(self.record.failed or self.record.invalid)

    @property
    def deletable(self) -> bool:
        return self.is_own and self.record.is_ended and self.record.storage_key is not None

    @property
    def deleted_on(self) -> str:
        return day(self.record.created_at + dt.timedelta(days=import_file_days()))

    @property
    def others(self) -> list[tuple[str, str, str]]:
        """(what it brought in, address, numbers) of the imports of the same row."""
        found = [*children(self.record)]
        if self.record.parent_id is not None:
            parent = db.session.scalars(Import.visible_to(g.actor).where(Import.id == self.record.parent_id)).first()
            found = [parent, *children(parent)] if parent else []
        shown = [
            each for each in found if each.id != self.record.id and g.actor.may(TARGETS[each.record_type].may_read)
        ]
        return [
            (
                gettext(TARGETS[each.record_type].label_plural),
                url_for("imports.show", import_id=each.id),
                gettext(
                    _NUMBERS, created=number(each.created), updated=number(each.updated), failed=number(each.failed)
                ),
            )
            for each in shown
        ]

    @property
    def fixable(self) -> bool:
        return bool(self.record.invalid) and is_fixable(g.actor, self.record)

    @cached_property
    def corrected(self) -> int:
        """Rows that failed and could go in now."""
        may = self.record.failed and self.record.state == State.DONE and is_fixable(g.actor, self.record)
        return corrected(self.record) if may else 0

    @property
    def title(self) -> str:
        return {
            State.DONE: gettext(N_("The rows are in")),
            State.CANCELLED: gettext(N_("The import was cancelled")),
            State.FAILED: gettext(N_("The import stopped")),
        }.get(State(self.record.state), gettext(N_("The import is not finished")))


class RowsPage(ImportPage):
    """The rows behind one number."""

    def __init__(self, record: Import, kind: str) -> None:
        super().__init__(record)
        if kind not in KINDS:
            abort(404)
        self.kind = kind
        self.words = gettext(KINDS[kind])
        after = request.args.get("after", "")
        self.after = int(after) if after.isdecimal() else 0
        self.found = rows_of(record, kind, self.after)

    @cached_property
    def rows(self) -> list[tuple[int, str, str, str, str]]:
        """(line, name, address of its record or "", the other cells, what there is to say)."""
        main = next((int(c) for c, key in (self.record.mapping or {}).items() if key == self.type.main.key), 0)
        return [self._row(row, result, main) for row, result in self.found[:PAGE]]

    def _row(self, row: ImportRow, result: ImportResult | None, main: int) -> tuple[int, str, str, str, str]:
        name = row.raw[main].strip()[:_CLIP] if main < len(row.raw) and main in self.open_columns else ""
        rest = [_dotted(cell) for column, cell in self.open_cells(row.raw) if column != main]
        others = [cell[:_CLIP] for cell in rest if cell]
        url = self._addresses.get(_led_to(row, result) or 0, "")
        return row.line, name or "—", url, " · ".join(others[:8]), self._say(row, result)

    @cached_property
    def _addresses(self) -> dict[int, str]:
        return self.addresses({id_ for row, result in self.found[:PAGE] if (id_ := _led_to(row, result))})

    def _say(self, row: ImportRow, result: ImportResult | None) -> str:
        if result is not None and result.outcome != Outcome.FAILED:
            return gettext(OUTCOMES[Outcome(result.outcome)][0])
        if why := reasons(row, result):
            return " ".join(reason_of(self, *each) for each in why)
        if row.duplicate_line:
            return gettext(N_("like line %(line)s"), line=row.duplicate_line)
        return gettext(KINDS[RowState(row.state)])

    @property
    def next_url(self) -> str:
        if len(self.found) <= PAGE:
            return ""
        line = self.found[PAGE - 1][0].line
        return self.here(after=line)

    @property
    def first_url(self) -> str:
        return self.here() if self.after else ""

    def here(self, **more: Any) -> str:
        return url_for("imports.rows", import_id=self.record.id, kind=self.kind, **more)


def _led_to(row: ImportRow, result: ImportResult | None) -> int | None:
    return result.record_id if result else row.duplicate_id


def _dotted(staged: str) -> str:
    return cell(None, staged).strip()


def reason_of(page: ImportPage, key: str | None, column: int | None, message: str, params: Any) -> str:
    """“Phone: “12” is not a phone number …”"""
    label = page.columns[column] if column is not None and column in page.open_columns else ""
    words = page.problem_words(key, column, message, params)
    return gettext(N_("%(label)s: %(words)s"), label=label, words=words) if label else words


@bp.get("/<int:import_id>/report", needs=MAY)
def report(import_id: int) -> Any:
    return render("imports/report.html", page=ReportPage(one(import_id)))


@bp.get("/<int:import_id>/rows/<kind>", needs=MAY)
def rows(import_id: int, kind: str) -> Any:
    return render("imports/rows.html", page=RowsPage(one(import_id), kind))
