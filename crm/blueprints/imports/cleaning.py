"""The cleaning report: what stands in the file, what becomes of it, every kind of change with examples and its rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath
from typing import Any

from flask import Response, abort, request, send_file, url_for

from crm.blueprints.imports.page import ImportPage, one
from crm.blueprints.imports.report import RowsPage
from crm.blueprints.imports.routes import MAY, bp
from crm.blueprints.imports.workbook import workbook
from crm.domain.imports.cleaning import KINDS, FieldReport, changed_rows, changes_of_rows, report_of
from crm.domain.imports.findings import ImportFinding
from crm.domain.imports.models import Import
from crm.domain.imports.queries import PAGE
from crm.domain.imports.states import State
from crm.kernel.text import N_
from crm.web.formats import number
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext

MOST_ROWS = 50_000  # of the changed rows in the workbook
_MEMO = ("choice",)  # kinds whose examples end in a word of the catalogue


@dataclass(frozen=True)
class Bar:
    """A field: numbers, and shares of all rows in whole per cent."""

    label: str
    said: str
    kept: str
    refused: str
    said_percent: int
    kept_percent: int


@dataclass(frozen=True)
class Change:
    field: str
    words: str
    count: str
    url: str
    examples: list[tuple[int, str, str]]


class CleaningPage(ImportPage):
    @cached_property
    def reports(self) -> list[tuple[str, FieldReport]]:
        """(field in words, what was found), in the order of the fields, of those this reader may read."""
        found = report_of(self.record)
        return [
            (gettext(each.label), found[each.key])
            for each in self.type.fields
            if each.key in found and (self.is_own or each.key in self.readable)
        ]

    @property
    def bars(self) -> list[Bar]:
        rows = max(1, self.record.rows)
        return [
            Bar(
                label,
                number(each.said),
                number(each.kept),
                number(each.refused),
                round(100 * each.said / rows),
                round(100 * each.kept / rows),
            )
            for label, each in self.reports
        ]

    @property
    def changes(self) -> list[Change]:
        return [self._change(label, finding) for label, each in self.reports for finding in each.changes]

    def _change(self, label: str, finding: ImportFinding) -> Change:
        url = url_for("imports.changed", import_id=self.record.id, field_key=finding.key, change=finding.kind)
        words = gettext(KINDS.get(finding.kind, finding.kind))
        return Change(label, words, number(finding.count), "" if self.record.purged_at else url, _examples(finding))


def _examples(finding: ImportFinding) -> list[tuple[int, str, str]]:
    return [
        (line, before, gettext(after) if finding.kind in _MEMO else after)
        for line, before, after in finding.examples[:5]
    ]


class ChangedPage(RowsPage):
    """The rows in which one kind of change was made."""

    def __init__(self, record: Import, key: str, kind: str) -> None:
        ImportPage.__init__(self, record)
        if kind not in KINDS or key not in {each.key for each in self.type.fields}:
            abort(404)
        if not self.is_own and key not in self.readable:
            abort(404)
        self.key, self.kind = key, kind
        after = request.args.get("after", "")
        self.after = int(after) if after.isdecimal() else 0
        self.words = f"{gettext(self.type.by_key()[key].label)}: {gettext(KINDS[kind])}"
        self.found = [(row, None) for row in changed_rows(record, key, kind, self.after, PAGE)]

    def here(self, **more: Any) -> str:
        return url_for("imports.changed", import_id=self.record.id, field_key=self.key, change=self.kind, **more)


@bp.get("/<int:import_id>/cleaning", needs=MAY)
def cleaning(import_id: int) -> Any:
    import_ = one(import_id)
    if import_.mapping is None or import_.state in (State.INSPECTING, State.MAPPING, State.CHECKING):
        return see_other(url_for("imports.show", import_id=import_id))
    return render("imports/cleaning.html", page=CleaningPage(import_))


@bp.get("/<int:import_id>/cleaning/<field_key>/<change>", needs=MAY)
def changed(import_id: int, field_key: str, change: str) -> Any:
    return render("imports/rows.html", page=ChangedPage(one(import_id), field_key, change))


@bp.get("/<int:import_id>/cleaning.xlsx", needs=MAY)
def cleaning_xlsx(import_id: int) -> Response:
    page = CleaningPage(one(import_id))
    words = gettext(N_("cleaning report"))
    name = f"{PurePath(page.record.filename).stem}-{words}.xlsx"
    return send_file(workbook(_sheets(page)), download_name=name, as_attachment=True)


def _sheets(page: CleaningPage) -> Iterator[tuple[str, list[str], Iterator[list[Any]]]]:
    """(title, headings, rows) of each."""
    field, count, line = gettext(N_("Field")), gettext(N_("Rows")), gettext(N_("Line"))
    before, after = gettext(N_("In the file")), gettext(N_("Became"))
    heads = [field, gettext(N_("Filled in the file")), gettext(N_("Will be stored")), gettext(N_("Refused"))]
    sums = ([label, each.said, each.kept, each.refused] for label, each in page.reports)
    yield gettext(N_("Fields")), heads, sums
    made = (
        [label, gettext(KINDS.get(finding.kind, finding.kind)), finding.count, *example]
        for label, each in page.reports
        for finding in each.changes
        for example in _examples(finding) or [("", "", "")]
    )
    yield gettext(N_("Changes")), [field, gettext(N_("What was done")), count, line, before, after], made
    labels = {report.key: label for label, report in page.reports}
    told = (
        [number_, labels[key], gettext(KINDS.get(kind, kind))]
        for number_, key, kind in changes_of_rows(page.record, MOST_ROWS)
        if key in labels
    )
    yield count, [line, field, gettext(N_("What was done"))], told
