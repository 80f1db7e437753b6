"""Rows of the file beside the records they are like: decided one by one, or all from a score on."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import abort, flash, g, request, url_for

from crm.blueprints.imports.page import ImportPage, one
from crm.blueprints.imports.routes import MAY, bp
from crm.domain.imports import actions, deciding
from crm.domain.imports.deciding import ALIKE, KINDS, PAGE, THERE, likes_of, rows_to_decide, undecided
from crm.domain.imports.models import Import, ImportRow
from crm.domain.imports.states import DUPLICATES, SIMILAR, WRITING, State
from crm.domain.imports.targets import may_write_over, values_of
from crm.kernel.contact import Phone
from crm.kernel.errors import Invalid
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.packing import unpack
from crm.kernel.text import N_
from crm.web.errors import told
from crm.web.fields import labels_for, show
from crm.web.formats import number
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext

_KIND_WORDS = {ALIKE: N_("Only alike"), THERE: N_("Already there")}
_SCORES = (95, 90, 80, 70, 60)


@dataclass(frozen=True)
class Beside:
    """A record that a row is like: `pairs` are (field, in the file, here, whether they differ)."""

    id: int
    name: str
    url: str
    percent: str
    why: str
    pairs: list[tuple[str, str, str, bool]]


@dataclass(frozen=True)
class Row:
    """`like_line`: the earlier row that it is like, where it is like no record."""

    line: int
    name: str
    beside: list[Beside]
    like_line: int | None
    like_why: str
    decision: str
    decided_id: int | None
    ways: list[tuple[str, str]]


class LikesPage(ImportPage):
    refused = ""

    def __init__(self, record: Import) -> None:
        super().__init__(record)
        self.kind = request.values.get("kind", ALIKE)
        if self.kind not in KINDS:
            abort(404)
        after = request.values.get("after", "")
        self.after = int(after) if after.isdecimal() and len(after) < 10 else 0

    @cached_property
    def found(self) -> Any:
        return rows_to_decide(self.record, self.kind, self.after)

    @property
    def kinds(self) -> list[tuple[str, str, bool]]:
        """(words, address, whether it is this one)."""
        there = {ALIKE: self.record.alike, THERE: self.record.duplicate_stored}
        return [
            (f"{gettext(words)} {number(there[kind])}", self.here(kind=kind), kind == self.kind)
            for kind, words in _KIND_WORDS.items()
            if there[kind]
        ]

    @cached_property
    def open(self) -> int:
        return undecided(self.record, self.kind)

    @property
    def scores(self) -> list[tuple[str, str]]:
        return [(str(each), f"{each} %") for each in _SCORES]

    @property
    def rest(self) -> list[tuple[str, str]]:
        return [(each.key, gettext(each.label)) for each in SIMILAR]

    @cached_property
    def ways(self) -> list[tuple[str, str]]:
        may = may_write_over(g.actor, self.type)
        return [(each.key, gettext(each.label)) for each in DUPLICATES if may or each.key not in WRITING]

    @cached_property
    def rows(self) -> list[Row]:
        rows = self.found[:PAGE]
        likes = likes_of(self.record, [row.line for row in rows])
        ids = {row.duplicate_id for row in rows} | {like.record_id for some in likes.values() for like in some}
        stored = values_of(g.actor, self.type, {each for each in ids if each is not None})
        fields = self.shown_fields
        said = {row.line: _as_shown(unpack(self.type.by_key(), row.values or {})) for row in rows}
        labels = labels_for(fields, [*stored.values(), *said.values()])
        return [self._row(row, likes.get(row.line, []), stored, said[row.line], labels) for row in rows]

    @cached_property
    def shown_fields(self) -> list[Field]:
        filled = set(filter(None, (self.record.mapping or {}).values())) | set(self.record.fallbacks)
        kept = [each for each in self.type.fields if each.key in filled and each.kind is not FieldKind.ENCRYPTED]
        return [each for each in kept if not each.masked]

    def _row(self, row: ImportRow, likes: Any, stored: Mapping[int, Any], said: Mapping[str, Any], labels: Any) -> Row:
        near = {each.record_id: each for each in likes if each.record_id in stored}
        ids = [each for each in dict.fromkeys([row.duplicate_id, *near]) if each in stored]
        only_line = next((each for each in likes if each.like_line is not None), None)
        ways = [each for each in self.ways if ids or each[0] not in WRITING]
        name = str(said.get(self.type.main.key) or "—")
        beside = [self._beside(id_, near.get(id_), stored[id_], said, labels) for id_ in ids]
        why = self._why(only_line) if only_line is not None else ""
        line = only_line.like_line if only_line is not None and not ids else None
        return Row(row.line, name, beside, line, why, row.decision or "", row.decided_id, ways)

    def _beside(self, id_: int, like: Any, record: Mapping[str, Any], said: Mapping[str, Any], labels: Any) -> Beside:
        pairs = []
        for field in self.shown_fields:
            mine, theirs = said.get(field.key), record.get(field.key)
            if mine is not None or theirs is not None:
                words = show(field, mine, labels), show(field, theirs, labels)
                pairs.append((gettext(field.label), *words, words[0] != words[1]))
        percent = f"{round(like.score * 100)} %" if like is not None else gettext(N_("the same"))
        name = str(record.get(self.type.main.key) or "—")
        why = self._why(like) if like is not None else ""
        return Beside(id_, name, self.addresses([id_]).get(id_, ""), percent, why, pairs)

    def _why(self, like: Any) -> str:
        return gettext(N_(", ")).join(gettext(each) for each in like.why)

    def here(self, **more: Any) -> str:
        return url_for("imports.likes", import_id=self.record.id, **more)

    @property
    def next_url(self) -> str:
        return self.here(kind=self.kind, after=self.found[PAGE - 1].line) if len(self.found) > PAGE else ""

    @property
    def first_url(self) -> str:
        return self.here(kind=self.kind) if self.after else ""


def _as_shown(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value.e164 if isinstance(value, Phone) else value for key, value in values.items()}


@bp.post("/<int:import_id>/comparison", needs=MAY)
def compare(import_id: int) -> Any:
    actions.compare(g.actor, one(import_id))
    return see_other(url_for("imports.check", import_id=import_id))


@bp.get("/<int:import_id>/likes", needs=MAY)
def likes(import_id: int) -> Any:
    import_ = one(import_id)
    page = LikesPage(import_)
    if import_.state != State.CHECKED or not page.is_own:
        return see_other(url_for("imports.show", import_id=import_id))
    return render("imports/likes.html", page=page)


@bp.post("/<int:import_id>/likes", needs=MAY)
def decide(import_id: int) -> Any:
    import_, form = one(import_id), request.form
    page = LikesPage(import_)
    choices: dict[int, deciding.Choice] = {}
    for name, way in form.items():
        line = name.removeprefix("way-")
        if name != line and line.isdecimal() and len(line) < 10:
            about = form.get(f"record-{line}", "")
            choices[int(line)] = way, int(about) if about.isdecimal() and len(about) < 19 else None
    try:
        deciding.decide(g.actor, import_, choices)
    except Invalid as problem:
        page.refused = told(problem)
        return render("imports/likes.html", 422, page=page)
    return see_other(page.next_url if form.get("then") == "next" and page.next_url else page.here(kind=page.kind))


@bp.post("/<int:import_id>/likes/rule", needs=MAY)
def decide_by_score(import_id: int) -> Any:
    """All from a score on, or what becomes of the rest."""
    import_, form = one(import_id), request.form
    if rest := form.get("rest", ""):
        deciding.rest_of_similar(g.actor, import_, rest)
        return see_other(url_for("imports.check", import_id=import_id))
    least = form.get("least", "")
    percent = int(least) if least.isdecimal() and len(least) < 4 else 101
    changed = deciding.decide_by_score(g.actor, import_, way=form.get("way", ""), least=percent / 100 - 0.005)
    flash(gettext(N_("Decided about %(count)s rows."), count=number(changed)), "ok")
    return see_other(url_for("imports.likes", import_id=import_id))
