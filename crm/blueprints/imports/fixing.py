"""Rows that cannot go in, fifty at a time: only what is wrong with them can be changed."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import flash, g, request, url_for

from crm.blueprints.imports.page import ImportPage, one
from crm.blueprints.imports.routes import MAY, bp
from crm.domain.imports import fixing
from crm.domain.imports.fixing import PAGE, bad_columns, is_fixable, rows_to_fix
from crm.domain.imports.judging import mapping_of
from crm.domain.imports.models import ImportRow
from crm.domain.imports.rows import BAD
from crm.domain.imports.translating import nearest
from crm.kernel.kinds import FieldKind
from crm.kernel.text import N_
from crm.web.formats import number
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext

_CLIP = 60
_LONGEST = 2_000


@dataclass(frozen=True)
class BadCell:
    """`value` is what stands there or was sent; `near` is what it may mean; `choices` is the id of what is offered."""

    column: int
    heading: str
    was: str
    words: str
    near: str
    choices: str


@dataclass(frozen=True)
class BadRow:
    """`words`: what no cell can put right."""

    line: int
    name: str
    others: str
    cells: list[BadCell]
    words: list[str]


class FixPage(ImportPage):
    @cached_property
    def after(self) -> int:
        after = request.values.get("after", "")
        return int(after) if after.isdecimal() and len(after) < 10 else 0

    @cached_property
    def found(self) -> Any:
        return rows_to_fix(self.record, self.after)

    @cached_property
    def rows(self) -> list[BadRow]:
        return [self._row(row) for row in self.found[:PAGE]]

    def _row(self, row: ImportRow) -> BadRow:
        cells = fixing.opened_cells(g.actor, self.record, row)
        mapping, bad = mapping_of(self.record), bad_columns(row)
        main = next((at for at, key in mapping.items() if key == self.type.main.key), None)
        others = [
            each.strip()[:_CLIP] for at, each in enumerate(cells) if at in mapping and at not in bad and at != main
        ]
        name = cells[main].strip()[:_CLIP] if main is not None and main < len(cells) else ""
        lost = [
            self.problem_words(key, column, message, params)
            for key, column, message, params, severity in row.problems or ()
            if severity == BAD and column is None
        ]
        return BadRow(
            row.line,
            name or "—",
            " · ".join([each for each in others if each][:5]),
            [self._cell(row, at, cells[at] if at < len(cells) else "") for at in bad if at in mapping],
            lost,
        )

    def _cell(self, row: ImportRow, at: int, was: str) -> BadCell:
        words = " ".join(
            self.problem_words(key, column, message, params)
            for key, column, message, params, severity in row.problems or ()
            if column == at and severity == BAD
        )
        key = mapping_of(self.record)[at]
        options = self.choices.get(key, [])
        near = nearest(was, [(each, each) for each in options]) if options else ""
        return BadCell(at, self.columns[at], was[:_LONGEST], words, near, f"choices-{key}" if options else "")

    @cached_property
    def choices(self) -> dict[str, list[str]]:
        """Field key → what its choices are called."""
        return {
            each.key: [gettext(choice.label) for choice in each.choices if not choice.retired]
            for each in self.type.fields
            if each.kind is FieldKind.CHOICE and each.key in mapping_of(self.record).values()
        }

    @property
    def next_url(self) -> str:
        if len(self.found) <= PAGE:
            return ""
        return url_for("imports.fixes", import_id=self.record.id, after=self.found[PAGE - 1].line)

    @property
    def first_url(self) -> str:
        return url_for("imports.fixes", import_id=self.record.id) if self.after else ""

    @cached_property
    def corrected(self) -> int:
        return fixing.corrected(self.record) if self.record.failed else 0


@bp.get("/<int:import_id>/fixes", needs=MAY)
def fixes(import_id: int) -> Any:
    import_ = one(import_id)
    if not is_fixable(g.actor, import_):
        return see_other(url_for("imports.show", import_id=import_id))
    return render("imports/fixes.html", page=FixPage(import_))


@bp.post("/<int:import_id>/fixes", needs=MAY)
def fix(import_id: int) -> Any:
    """Each cell comes with what stood there: where that has changed meanwhile, nothing is overwritten."""
    import_, form = one(import_id), request.form
    given: dict[int, dict[int, tuple[str, str]]] = {}
    for name in form:
        kind, _, place = name.partition("-")
        line, _, column = place.partition("-")
        if kind == "was" and line.isdecimal() and column.isdecimal() and len(place) < 20:
            new = form.get(f"take-{place}") or form.get(f"cell-{place}", form[name])
            given.setdefault(int(line), {})[int(column)] = (_plain(form[name]), _plain(new))
    done = fixing.fix(g.actor, import_, given)
    if done.good:
        flash(gettext(N_("%(count)s rows can go in now."), count=number(done.good)), "ok")
    if done.overtaken:
        words = N_("%(count)s rows were changed by somebody else meanwhile and are left as they are now.")
        flash(gettext(words, count=number(done.overtaken)), "warn")
    page = FixPage(import_)
    if import_.invalid:
        return see_other(url_for("imports.fixes", import_id=import_id, after=page.after or None))
    return see_other(url_for("imports.show", import_id=import_id))


def _plain(text: str) -> str:
    """Browsers send every line break as two characters."""
    return text.replace("\r\n", "\n")


@bp.post("/<int:import_id>/fixes/run", needs=MAY)
def run_fixed(import_id: int) -> Any:
    fixing.run_again(g.actor, one(import_id))
    return see_other(url_for("imports.show", import_id=import_id))
