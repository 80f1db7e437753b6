"""What texts of a file mean: those no field can read, each asked about once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import g, request, url_for

from crm.blueprints.imports.page import ImportPage, one
from crm.blueprints.imports.routes import MAY, bp
from crm.domain.imports import saying
from crm.domain.imports.models import Import
from crm.domain.imports.states import State
from crm.domain.imports.translating import Unknown, nearest, unknown
from crm.kernel.errors import Invalid
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.text import N_
from crm.web.errors import told
from crm.web.formats import number
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext

NOTHING = "-"  # chosen or typed: the cell counts as empty
_CLIP = 120


@dataclass(frozen=True)
class Asked:
    """One text: `options` of a field with choices, else one types; `meant` is what was sent, or what is nearest."""

    at: int
    key: str
    text: str
    clipped: str
    rows: str
    options: list[tuple[str, str]]
    meant: str


class ValuesPage(ImportPage):
    def __init__(self, record: Import, posted: Mapping[str, str] | None = None, problem: str = "") -> None:
        super().__init__(record)
        self.posted, self.refused = posted or {}, problem

    @cached_property
    def unknown(self) -> list[Unknown]:
        return list(unknown(self.record, self.type)) if self.is_own else []

    @property
    def groups(self) -> list[tuple[str, list[Asked]]]:
        """(field in words, its texts), the field with most rows first."""
        fields = self.type.by_key()
        found: dict[str, list[Asked]] = {}
        for at, each in enumerate(self.unknown):
            found.setdefault(each.key, []).append(self._asked(at, each, fields[each.key]))
        return [(gettext(fields[key].label), some) for key, some in found.items()]

    def _asked(self, at: int, each: Unknown, field: Field) -> Asked:
        options = _options(field)
        sent = {self.posted.get(f"said-{n}"): self.posted.get(f"means-{n}") for n in range(len(self.posted))}
        meant = sent.get(each.text) if self.posted else nearest(each.text, options)
        return Asked(at, each.key, each.text, each.text[:_CLIP], number(each.rows), options, meant or "")

    def given(self) -> dict[str, dict[str, str]]:
        """By field key what was said of its texts. Each is sent with the text itself: others may come before it now."""
        found: dict[str, dict[str, str]] = {}
        for at in range(len(self.posted)):
            key, said, means = (self.posted.get(f"{each}-{at}", "") for each in ("key", "said", "means"))
            if key and said and means.strip():
                found.setdefault(key, {})[said] = "" if means.strip() == NOTHING else means.strip()
        return found


def _options(field: Field) -> list[tuple[str, str]]:
    if field.kind is FieldKind.YES_NO:
        return [(gettext(each), gettext(each)) for each in (N_("Yes"), N_("No"))]
    if field.kind is not FieldKind.CHOICE:
        return []
    return [(each.key, gettext(each.label)) for each in field.choices if not each.retired]


@bp.get("/<int:import_id>/values", needs=MAY)
def values(import_id: int) -> Any:
    import_ = one(import_id)
    if import_.state != State.CHECKED:
        return see_other(url_for("imports.show", import_id=import_id))
    return render("imports/values.html", page=ValuesPage(import_))


@bp.post("/<int:import_id>/values", needs=MAY)
def translate(import_id: int) -> Any:
    import_ = one(import_id)
    page = ValuesPage(import_, request.form)
    try:
        saying.translate(g.actor, import_, page.given())
    except Invalid as problem:
        said = problem.params.get("said", "")
        page.refused = f"“{said}”: {told(problem)}" if said else told(problem)
        return render("imports/values.html", 422, page=page)
    return see_other(url_for("imports.check", import_id=import_id))
