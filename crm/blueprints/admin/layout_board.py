"""One layout on a board: sections and fields moved by buttons, by ticking many, or by dragging."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from flask import abort, flash, g, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from crm.blueprints.admin.area import ADMINISTER, bp
from crm.blueprints.admin.field_form import LANGUAGE_NAMES, by_language
from crm.blueprints.admin.layouts import one
from crm.config import LANGUAGES
from crm.domain.layouts import actions
from crm.domain.layouts import arranging as do
from crm.domain.layouts.models import Layout
from crm.domain.people.queries import all_roles
from crm.kernel import layouts as kernel
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.language import said
from crm.kernel.records import RecordType
from crm.kernel.text import N_
from crm.web.errors import told
from crm.web.htmx import is_htmx, render, see_other
from crm.web.i18n import gettext, into
from crm.web.rights import role_name

FEW = 60


@dataclass(frozen=True)
class Tile:
    key: str
    label: str
    needed: bool
    wide: bool


class Board:
    def __init__(self, row: Layout, type_: RecordType, problem: str = "", told: str = "") -> None:
        self.row, self.type, self.problem, self.told = row, type_, problem, told
        self.ticked = request.form.getlist("field") or request.args.getlist("ticked")
        self.layout, self.shown = actions.arranged(g.actor, row, type_)
        self.delivered = actions.whole(g.actor, type_)

    @property
    def sections(self) -> list[tuple[str, str, list[Tile]]]:
        """(key, name, fields)"""
        return [(each.key, gettext(each.label), [self._tile(it.key) for it in each.fields]) for each in self.shown]

    @property
    def few(self) -> bool:
        """Whether each field has buttons of its own; of very many, ticked ones are moved by those of the bar."""
        return len(self._fields) <= FEW

    @property
    def left_out(self) -> list[Tile]:
        return [self._tile(key) for key in self._fields if key in self.layout.left_out]

    @cached_property
    def _fields(self) -> Mapping[str, Any]:
        return {field.key: field for each in self.delivered for field in each.fields}

    def _tile(self, key: str) -> Tile:
        field = self._fields[key]
        return Tile(key, gettext(field.label), kernel.indispensable(field), key in self.layout.wide)

    @property
    def roles(self) -> list[tuple[str, str]]:
        return [(str(each.id), role_name(each)) for each in all_roles()]

    def is_delivered(self, key: str) -> bool:
        return any(each.key == key for each in self.delivered)

    def words(self, key: str) -> list[tuple[str, str, str, str]]:
        """(language, its name, what the section is called in it, what it was delivered as)."""
        own = next((said(each.label) for each in self.layout.blocks if each.key == key), {})
        label = next((each.label for each in self.delivered if each.key == key), "")
        return [(it, LANGUAGE_NAMES[it], own.get(it, ""), into(it, label) if label else "") for it in LANGUAGES]


@bp.get("/layouts/<int:layout_id>", needs=ADMINISTER)
def layout(layout_id: int) -> Any:
    return render("admin/layout.html", board=Board(*one(layout_id)))


# What the buttons of the board say: an act, and whom it is done to; without a name, to the ticked fields.
_ACTS: dict[str, Callable[[list[str], "MultiDict[str, str]"], actions.Step]] = {
    "up": lambda names, form: partial(do.step_all, keys=names, down=False),
    "down": lambda names, form: partial(do.step_all, keys=names, down=True),
    "wide": lambda names, form: partial(do.widen, keys=names, wide=True),
    "half": lambda names, form: partial(do.widen, keys=names, wide=False),
    "out": lambda names, form: partial(do.leave_out, keys=names),
    "put": lambda names, form: partial(do.put, keys=names, section=form.get("to", "")),
    "drop": lambda names, form: partial(do.put, keys=names[:1], section=names[1], before="".join(names[2:3])),
    "section-up": lambda names, form: partial(do.step_section, section=names[0], down=False),
    "section-down": lambda names, form: partial(do.step_section, section=names[0], down=True),
}


def _asked(form: "MultiDict[str, str]") -> tuple[list[str], actions.Step]:
    """(who is moved, how)"""
    act, *names = form.get("do", "").split() or [""]
    if not act:  # the Enter key
        raise Invalid(N_("Choose what to do with the ticked fields."))
    names = names or form.getlist("field")
    if not names:
        raise Invalid(N_("Tick the fields first."))
    if act not in _ACTS or (act == "drop" and len(names) < 2):
        abort(400)
    return names, _ACTS[act](names, form)


@bp.post("/layouts/<int:layout_id>/arrangement", needs=ADMINISTER)
def arrange_layout(layout_id: int) -> Any:
    row, type_ = one(layout_id)
    try:
        names, step = _asked(request.form)
        actions.arrange(g.actor, row, type_, step)
    except (Invalid, RuleBroken) as problem:
        return render("admin/layout.html", 422, board=Board(row, type_, told(problem)))
    if not is_htmx():
        ticked = request.form.getlist("field")
        return see_other(url_for("admin.layout", layout_id=layout_id, ticked=ticked, _anchor=f"tile-{names[0]}"))
    board = Board(row, type_)
    board.told = _where(board, names[0])
    return render("admin/layout.html", board=board)


def _where(board: Board, name: str) -> str:
    """For whoever does not see the board."""
    for key, label, tiles in board.sections:
        keys = [each.key for each in tiles]
        if name in keys:
            tile, place = tiles[keys.index(name)], keys.index(name) + 1
            sentence = N_("“%(field)s” is number %(place)s of %(count)s in “%(section)s”.")
            return gettext(sentence, field=tile.label, place=place, count=len(keys), section=label)
        if key == name:
            place = [each[0] for each in board.sections].index(key) + 1
            return gettext(N_("“%(section)s” is section number %(place)s."), section=label, place=place)
    return gettext(N_("The field is left out."))


@bp.post("/layouts/<int:layout_id>/sections", needs=ADMINISTER)
def add_section(layout_id: int) -> Any:
    row, type_ = one(layout_id)
    label, delivered = by_language(request.form, "label"), [each.key for each in type_.sections]
    return _section_step(row, type_, partial(do.add_section, label=label, delivered=delivered))


@bp.get("/layouts/<int:layout_id>/sections/<section>", needs=ADMINISTER)
def layout_section(layout_id: int, section: str) -> Any:
    board = Board(*one(layout_id))
    name = next((label for key, label, _ in board.sections if key == section), None)
    return render("admin/layout_section.html", board=board, key=section, name=name) if name is not None else abort(404)


@bp.post("/layouts/<int:layout_id>/sections/<section>", needs=ADMINISTER)
def name_section(layout_id: int, section: str) -> Any:
    row, type_ = one(layout_id)
    delivered = any(each.key == section for each in type_.sections)
    label = by_language(request.form, "label")
    return _section_step(row, type_, partial(do.name_section, section=section, label=label, delivered=delivered))


@bp.post("/layouts/<int:layout_id>/sections/<section>/deletion", needs=ADMINISTER)
def remove_section(layout_id: int, section: str) -> Any:
    row, type_ = one(layout_id)
    return _section_step(row, type_, partial(do.remove_section, section=section))


def _section_step(row: Layout, type_: RecordType, step: actions.Step) -> Response:
    try:
        actions.arrange(g.actor, row, type_, step)
    except (Invalid, RuleBroken) as problem:
        return render("admin/layout.html", 422, board=Board(row, type_, told(problem)))
    flash(gettext(N_("The layout “%(name)s” is saved."), name=row.name), "ok")
    return see_other(url_for("admin.layout", layout_id=row.id))
