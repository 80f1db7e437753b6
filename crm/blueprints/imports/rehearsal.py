"""What the dry run found: numbers, the rows behind each, and what fields would have before and after."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath
from typing import Any

from flask import Response, abort, g, request, send_file, url_for

from crm.blueprints.imports.page import ImportPage, one
from crm.blueprints.imports.report import OUTCOMES
from crm.blueprints.imports.routes import MAY, bp
from crm.blueprints.imports.workbook import workbook
from crm.domain.imports import actions
from crm.domain.imports.findings import ImportRehearsal
from crm.domain.imports.models import Import, ImportRow
from crm.domain.imports.queries import PAGE, rehearsed_rows
from crm.domain.imports.rows import BAD
from crm.domain.imports.states import DUPLICATES, Outcome
from crm.domain.imports.ways import became
from crm.kernel.contact import Phone
from crm.kernel.errors import Invalid
from crm.kernel.packing import unpack
from crm.kernel.text import N_
from crm.web.fields import labels_for, show
from crm.web.formats import moment, number
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext

MOST_ROWS = 50_000  # in the workbook
_CLIP = 80
_WORDS = N_(
    "%(created)s would be created, %(updated)s updated, %(merged)s merged, %(skipped)s left out; %(failed)s would fail."
)
_HOW = N_("Duplicates: %(choice)s. As things stood at %(moment)s.")


def rehearsed_words(record: Import) -> str:
    """What it found and when; "" where there was none."""
    if not (found := record.rehearsal):
        return ""
    labels = {each.key: gettext(each.label) for each in DUPLICATES}
    counts = {str(outcome): number(found.get(outcome, 0)) for outcome in Outcome}
    at = moment(dt.datetime.fromisoformat(found["at"]))
    return f"{gettext(_WORDS, **counts)} {gettext(_HOW, choice=labels.get(found['duplicates'], ''), moment=at)}"


@dataclass(frozen=True)
class Planned:
    """A row: `changes` are (field, before, after) in words of the fields that this reader may read."""

    line: int
    name: str
    url: str
    words: str
    changes: list[tuple[str, str, str]]


class RehearsalPage(ImportPage):
    def __init__(self, record: Import, kind: str = "", after: int = 0) -> None:
        super().__init__(record)
        if kind not in {"", *Outcome}:
            abort(404)
        self.kind, self.after = kind, after

    @property
    def words(self) -> str:
        return rehearsed_words(self.record)

    @property
    def sums(self) -> Any:
        found = self.record.rehearsal or {}
        parts = [
            (gettext(words), number(found.get(outcome, 0)), state, self._url(outcome, found), found.get(outcome, 0))
            for outcome, (words, state) in OUTCOMES.items()
        ]
        return parts, (gettext(N_("rows in the file")), number(self.record.rows), self.here(), self.record.rows)

    def _url(self, outcome: Outcome, found: Mapping[str, Any]) -> str:
        return self.here(kind=str(outcome)) if found.get(outcome) else ""

    def here(self, **more: Any) -> str:
        return url_for("imports.rehearsal", import_id=self.record.id, **more)

    @cached_property
    def found(self) -> Any:
        return rehearsed_rows(self.record, self.kind, self.after)

    @cached_property
    def rows(self) -> list[Planned]:
        return list(self.planned(self.found[:PAGE]))

    def planned(self, found: Any) -> Iterator[Planned]:
        main = next((int(c) for c, key in (self.record.mapping or {}).items() if key == self.type.main.key), None)
        urls = self.addresses({each.record_id for _, each in found if each.record_id})
        fields = self.type.by_key()
        pairs = [self._before_and_after(row, each) for row, each in found]
        values = [_as_shown(unpack(fields, part)) for pair in pairs for part in pair]
        labels = labels_for([each for each in fields.values() if each.key in self.readable], values)
        for at, (row, each) in enumerate(found):
            name = row.raw[main].strip()[:_CLIP] if main is not None and main < len(row.raw) else ""
            shown = name if main is None or main in self.open_columns else ""
            was, now = values[2 * at], values[2 * at + 1]
            changes = [
                (
                    gettext(fields[key].label),
                    show(fields[key], was.get(key), labels),
                    show(fields[key], now[key], labels),
                )
                for key in now
                if now[key] != was.get(key)
            ]
            yield Planned(row.line, shown or "—", urls.get(each.record_id or 0, ""), self._say(row, each), changes)

    def _before_and_after(self, row: ImportRow, found: ImportRehearsal) -> tuple[dict[str, Any], dict[str, Any]]:
        """Packed, of the fields that this reader may read."""
        before = {key: value for key, value in (found.before or {}).items() if key in self.readable}
        return before, became(found.outcome, self.type.by_key(), before, row.values or {})

    def _say(self, row: ImportRow, found: ImportRehearsal) -> str:
        if found.outcome != Outcome.FAILED:
            return gettext(OUTCOMES[Outcome(found.outcome)][0])
        if found.problem:
            return self.problem_words(None, None, found.problem["message"], found.problem["params"])
        bad = [each for each in row.problems or () if each[4] == BAD]
        return " ".join(self.problem_words(key, column, message, params) for key, column, message, params, _ in bad)

    @property
    def next_url(self) -> str:
        if len(self.found) <= PAGE:
            return ""
        return self.here(kind=self.kind or None, after=self.found[PAGE - 1][0].line) + "#rows"

    @property
    def first_url(self) -> str:
        return self.here(kind=self.kind or None) + "#rows" if self.after else ""


def _as_shown(values: Mapping[str, Any]) -> dict[str, Any]:
    """As records have them: of a phone the number and not how it was written."""
    return {key: value.e164 if isinstance(value, Phone) else value for key, value in values.items()}


@bp.post("/<int:import_id>/rehearsal", needs=MAY)
def rehearse(import_id: int) -> Any:
    try:
        actions.rehearse(g.actor, one(import_id), duplicates=request.form.get("duplicates", ""))
    except Invalid:  # no choice was sent, as no browser does
        abort(422)
    return see_other(url_for("imports.check", import_id=import_id))


@bp.get("/<int:import_id>/rehearsal", needs=MAY)
def rehearsal(import_id: int) -> Any:
    import_, after = one(import_id), request.args.get("after", "")
    if not import_.rehearsal or import_.purged_at:
        return see_other(url_for("imports.show", import_id=import_id))
    page = RehearsalPage(
        import_, request.args.get("kind", ""), int(after) if after.isdecimal() and len(after) < 10 else 0
    )
    return render("imports/rehearsal.html", page=page)


@bp.get("/<int:import_id>/rehearsal.xlsx", needs=MAY)
def rehearsal_xlsx(import_id: int) -> Response:
    page = RehearsalPage(one(import_id))
    if not page.record.rehearsal or page.record.purged_at:
        abort(404)
    words = gettext(N_("dry run"))
    heads = [gettext(each) for each in (N_("Line"), N_("Row"), N_("What would become of it"))]
    heads += [gettext(each) for each in (N_("Field"), N_("Before"), N_("After"))]
    file = workbook([(words, heads, _rows(page))])
    return send_file(file, download_name=f"{PurePath(page.record.filename).stem}-{words}.xlsx", as_attachment=True)


def _rows(page: RehearsalPage) -> Iterator[list[Any]]:
    after, left = 0, MOST_ROWS
    while left > 0:
        found = rehearsed_rows(page.record, "", after, 1_000)
        for each in page.planned(found[:1_000]):
            for change in each.changes or [("", "", "")]:
                yield [each.line, each.name, each.words, *change]
        if len(found) <= 1_000:
            return
        after, left = found[999][0].line, left - 1_000
