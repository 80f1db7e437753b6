"""Step two: how the file is read, and which column fills which field."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import g, request, url_for

from crm.blueprints.imports.page import one
from crm.blueprints.imports.progress import working
from crm.blueprints.imports.recognised import Recognised, sent_fallbacks
from crm.blueprints.imports.routes import MAY, bp
from crm.config import LANGUAGES
from crm.domain.imports import actions, recipes
from crm.domain.imports.chaining import LINKS, OF, followers, whole_mapping
from crm.domain.imports.mapping import EXACT, KNOWN, SIMILAR, Suggestion, suggest
from crm.domain.imports.states import State
from crm.domain.imports.templates import keep, one_of
from crm.infra.db import db
from crm.kernel.errors import Invalid
from crm.kernel.fields import Context, Field
from crm.kernel.text import N_
from crm.web.errors import sentence, told
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext, into

PREVIEW_ROWS = 20
_MORE_FALLBACKS = 2  # empty lines offered
_CLIP = 60
_ENCODINGS = ("utf-8", "gb18030", "big5", "utf-16", "cp1252")
_DELIMITERS = ((",", ","), (";", ";"), ("\t", N_("Tab")), ("|", "|"), ("^", "^"), ("~", "~"))
_SURE = {
    EXACT: (N_("Sure"), "ok"),
    KNOWN: (N_("Sure"), "ok"),
    SIMILAR: (N_("Likely"), "info"),
}


@dataclass(frozen=True)
class Column:
    index: int
    heading: str
    values: str
    chosen: str
    sure: str
    state: str


class MappingPage(Recognised):
    @cached_property
    def sample(self) -> list[tuple[int, list[str]]]:
        """(line, cells) of the data rows the reader looked at, as wide as there are columns."""
        width = len(self.columns)
        rows = [(line, cells) for line, cells in self.inspection.sample if line > self.inspection.heading_row]
        return [(line, [*cells, *[""] * (width - len(cells))]) for line, cells in rows if any(map(str.strip, cells))]

    @property
    def preview(self) -> list[tuple[int, list[str]]]:
        width = len(self.columns)
        rows = [(line, self.open_cells(cells[:width])) for line, cells in self.sample[:PREVIEW_ROWS]]
        return [(line, [cell[:_CLIP] for _, cell in cells]) for line, cells in rows]

    @cached_property
    def suggestions(self) -> dict[int, Suggestion]:
        fields = self.type.writable(g.actor)
        labels = {each.key: {into(language, each.label) for language in LANGUAGES} for each in fields}
        cells = [cells for _, cells in self.sample]
        _, ids = self.exported or ("", None)
        headings = [recipes.NO_HEADING if at == ids else each for at, each in enumerate(self.inspection.headings)]
        known = headings, cells, Context(g.actor), labels
        return recipes.suggested(self.recipe, fields, *known) if self.recipe else suggest(fields, *known)

    @property
    def options(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """(section, [(field key, its name)])."""
        groups = [(gettext(each.label) + each.more, _named(each.fields)) for each in self.type.sections]
        groups.append((gettext(N_("Not on the form")), _named(self.type.left_out)))
        for each in followers(g.actor, self.type.key):
            link = LINKS[self.type.key][each.key]
            fields = [field for field in each.writable(g.actor) if field.key != link]
            groups.append((gettext(each.label), _named(fields, f"{each.key}{OF}")))
        return [(label, fields) for label, fields in groups if fields]

    @cached_property
    def rows(self) -> list[Column]:
        return [self._column(index, self.columns[index]) for index in self.open_columns]

    def _column(self, index: int, heading: str) -> Column:
        texts = dict.fromkeys(cells[index].strip()[:_CLIP] for _, cells in self.sample[:50])
        values = " · ".join([text for text in texts if text][:3])
        chosen, sure, state = self._chosen(index)
        if str(index) == self.source_column and not chosen:
            sure, state = gettext(N_("Its id in that system")), "ok"
        return Column(index, heading, values, chosen, sure, state)

    def _chosen(self, index: int) -> tuple[str, str, str]:
        """(field key, how sure in words, state): what was sent, else what was decided before, else what the template
        says, else the suggestion."""
        if self.posted is None and index in self.by_template:
            key = self.by_template[index]
            return key, gettext(N_("From the template")) if key else "", "ok" if key else ""
        decided = self.posted
        if decided is None and self.record.mapping is not None:
            decided = whole_mapping(self.record)
        suggestion = self.suggestions.get(index)
        words, state = self._sure(suggestion)
        if decided is not None:
            chosen = decided.get(index, "")
            same = suggestion is not None and suggestion.key == chosen
            return (chosen, words, state) if same else (chosen, gettext(N_("Your choice")) if chosen else "", "")
        taken = suggestion is not None and suggestion.is_taken
        return (suggestion.key if suggestion and taken else ""), words, state

    def _sure(self, suggestion: Suggestion | None) -> tuple[str, str]:
        if suggestion is None:
            return "", ""
        if not suggestion.is_taken and suggestion.reason == SIMILAR:
            label = gettext(self.type.by_key()[suggestion.key].label)
            return gettext(N_("Maybe “%(field)s”: choose it if it is"), field=label), "warn"
        if not suggestion.is_taken:
            label = gettext(self.type.by_key()[suggestion.key].label)
            return gettext(N_("Called “%(field)s”, but its values do not fit"), field=label), "warn"
        words, state = _SURE.get(suggestion.reason, (N_("Maybe, by its values"), "warn"))
        return f"{gettext(words)} · {suggestion.confidence} %", state

    @property
    def fallback_lines(self) -> list[tuple[str, str]]:
        return [*self.fallbacks.items(), *[("", "")] * _MORE_FALLBACKS]

    @property
    def columns_named(self) -> list[tuple[str, str]]:
        return [(str(at), self.columns[at]) for at in self.open_columns]

    @property
    def left_out(self) -> int:
        return sum(not each.chosen and str(each.index) != self.source_column for each in self.rows)

    @property
    def recognised(self) -> str:
        return self.told_recipe(len(self.rows) - self.left_out, len(self.rows))

    @property
    def notes(self) -> list[str]:
        return [sentence(note.message_id, note.params) for note in self.inspection.notes] if self.is_own else []

    @property
    def sheets(self) -> list[tuple[str, str]]:
        return [(each.name, each.name) for each in self.inspection.sheets]

    @property
    def encodings(self) -> list[tuple[str, str]]:
        known = dict.fromkeys([self.inspection.encoding, *_ENCODINGS])
        return [(each, each.upper()) for each in known if each]

    @property
    def delimiters(self) -> list[tuple[str, str]]:
        known = {delimiter: gettext(words) for delimiter, words in _DELIMITERS}
        return list(({self.inspection.delimiter: self.inspection.delimiter} | known).items())


def _named(fields: Iterable[Field], before: str = "") -> list[tuple[str, str]]:
    return [(f"{before}{each.key}", gettext(each.label)) for each in fields if each.writable_by(g.actor)]


@bp.get("/<int:import_id>/mapping", needs=MAY)
def mapping(import_id: int) -> Any:
    import_ = one(import_id)
    if import_.state == State.INSPECTING:
        return working(import_, "imports.mapping")
    if import_.inspection is None:
        return see_other(url_for("imports.report", import_id=import_id))
    return render("imports/mapping.html", page=MappingPage(import_))


@bp.post("/<int:import_id>/mapping", needs=MAY)
def map_columns(import_id: int) -> Any:
    import_ = one(import_id)
    sent = {name.removeprefix("column-"): key for name, key in request.form.items() if key}
    chosen = {int(column): key for column, key in sent.items() if column.isdecimal()}
    wanted, name = request.form.get("template", ""), request.form.get("template_name", "").strip()
    template = one_of(g.actor, import_, int(wanted)) if wanted.isdecimal() and len(wanted) < 19 else None
    source_column = request.form.get("source_column", "")
    try:
        with db.session.begin_nested():
            if "recipe" in request.form:
                recipes.apply(g.actor, import_)
            actions.map_columns(
                g.actor,
                import_,
                mapping=chosen,
                fallbacks=sent_fallbacks(request.form),
                template=template,
                source=request.form.get("source", ""),
                source_column=int(source_column) if source_column.isdecimal() and len(source_column) < 6 else None,
            )
            if name:
                keep(g.actor, import_, name, shared=request.form.get("template_shared") == "1", mapping=chosen)
    except Invalid as problem:
        return render("imports/mapping.html", 422, page=MappingPage(import_, chosen, told(problem)))
    return see_other(url_for("imports.check", import_id=import_id))


@bp.post("/<int:import_id>/reading", needs=MAY)
def reread(import_id: int) -> Any:
    """The sheet, encoding, separator or heading row chosen by the person."""
    form = request.form
    heading_row = form.get("heading_row", "")
    actions.reread(
        g.actor,
        one(import_id),
        sheet=form.get("sheet", ""),
        encoding=form.get("encoding", ""),
        delimiter=form.get("delimiter", ""),
        heading_row=int(heading_row) if heading_row.isdecimal() else None,
    )
    return see_other(url_for("imports.mapping", import_id=import_id))
