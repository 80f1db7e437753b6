"""The administration of public forms: what they ask, how they stand on a site, what came in and what was held."""

from dataclasses import dataclass
from typing import Any

from flask import abort, flash, g, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from crm.blueprints.intake.forming import FormOfForm
from crm.blueprints.intake.visiting import SUSPICIONS, Visit
from crm.config import LANGUAGES
from crm.domain.intake.asking import TYPES, actor_for, askable
from crm.domain.intake.forming import save_form
from crm.domain.intake.models import ATTACHED, BECOMES, DISCARDED, HELD, LEADS, MADE, IntakeEntry, IntakeForm
from crm.domain.intake.queries import PAGE, entries, forms, waiting
from crm.domain.intake.taking import discard, discard_held, release
from crm.domain.people.queries import names
from crm.infra.db import db
from crm.kernel.errors import Conflict, Invalid
from crm.kernel.language import reading
from crm.kernel.permissions import Permission
from crm.kernel.text import N_
from crm.web.blueprint import CrmBlueprint
from crm.web.errors import status_of
from crm.web.formats import moment, number
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext

bp = CrmBlueprint("intake_forms", __name__, url_prefix="/admin/intake")
_ADMINISTER = Permission.SYSTEM_ADMINISTER
OUTCOMES = {
    HELD: (N_("Held"), "warn"),
    MADE: (N_("Let in"), "ok"),
    ATTACHED: (N_("Added to one that was there"), "ok"),
    DISCARDED: (N_("Thrown away"), ""),
}


@bp.get("", needs=_ADMINISTER)
def index() -> Any:
    held = waiting()
    rows = [(each, gettext(TYPES[each.kind].label_plural), _held(held.get(each.id, 0))) for each in forms()]
    return render("intake/index.html", rows=rows)


def _held(count: int) -> str:
    return gettext(N_("Held: %(count)s"), count=number(count)) if count else ""


@bp.get("/new", needs=_ADMINISTER)
def new() -> Any:
    return _editing(None, FormOfForm.new(_kind(request.args)))


@bp.post("", needs=_ADMINISTER)
def add() -> Any:
    return _save(None, FormOfForm(_kind(request.form), request.form))


@bp.get("/<int:form_id>", needs=_ADMINISTER)
def edit(form_id: int) -> Any:
    form = _form(form_id)
    return _editing(form, FormOfForm.of(form))


@bp.post("/<int:form_id>", needs=_ADMINISTER)
def change(form_id: int) -> Any:
    form = _form(form_id)
    return _save(form, FormOfForm(form.kind, request.form))


def _kind(given: "MultiDict[str, str]") -> str:
    kind = given.get("kind", "")
    return kind if kind in BECOMES else LEADS


def _form(id_: int) -> IntakeForm:
    found: IntakeForm = db.get_or_404(IntakeForm, id_)
    return found


def _save(form: IntakeForm | None, asked: FormOfForm) -> Response:
    try:
        saved = save_form(g.actor, form, asked.read(), seen=asked.seen)
    except (Invalid, Conflict) as problem:
        asked.refuse(problem)
        return _editing(form, asked, status_of(problem))
    flash(gettext(N_("The form “%(name)s” is saved."), name=saved.name), "ok")
    return see_other(url_for("intake_forms.edit", form_id=saved.id))


def _editing(form: IntakeForm | None, asked: FormOfForm, status: int = 200) -> Response:
    return render("intake/form.html", status, form=form, asked=asked, type=gettext(TYPES[asked.kind].label_plural))


@bp.get("/<int:form_id>/embed", needs=_ADMINISTER)
def embed(form_id: int) -> Any:
    """The form as plain HTML for a site of somebody's own, in each language."""
    form = _form(form_id)
    actor = actor_for(form) or abort(404)
    site = (g.settings.base_url or request.host_url).rstrip("/")
    address = site + url_for("intake.show", form_key=form.key)
    codes, here = [], reading.get()
    for language in LANGUAGES:
        reading.set(language)
        code = render_template("intake/_embedded.html", visit=Visit(form, actor), address=address, lang=language)
        codes.append((language, "\n".join(filter(str.strip, code.splitlines()))))
    reading.set(here)
    return render("intake/embed.html", form=form, address=address, codes=codes)


@dataclass(frozen=True)
class Row:
    id: int
    reference: str
    when: str
    said: list[tuple[str, str]]
    outcome: str
    tone: str
    why: str
    url: str
    held: bool
    agreed: str
    decided: str


@bp.get("/<int:form_id>/entries", needs=_ADMINISTER)
def came_in(form_id: int) -> Any:
    form, outcome = _form(form_id), request.args.get("outcome", "")
    before = request.args.get("before", "")
    found = entries(form, outcome, int(before) if before.isdecimal() and len(before) < 19 else None)
    people = names({each.decided_by_id for each in found})
    labels = {key: gettext(field.label) for key, field in askable(g.actor, form.kind).items()}
    here = {"form_id": form.id, "outcome": outcome}
    older = url_for("intake_forms.came_in", **here, before=found[PAGE - 1].id) if len(found) > PAGE else ""
    tabs = [(gettext(N_("All")), "")] + [(gettext(words), key) for key, (words, _) in OUTCOMES.items()]
    return render(
        "intake/entries.html",
        form=form,
        rows=[_row(each, people, labels) for each in found[:PAGE]],
        older=older,
        held=outcome == HELD,
        tabs=[(words, _entries_url(form, key), key == outcome) for words, key in tabs],
    )


def _entries_url(form: IntakeForm, outcome: str) -> str:
    return url_for("intake_forms.came_in", form_id=form.id, outcome=outcome)


def _row(entry: IntakeEntry, people: dict[int, str], labels: dict[str, str]) -> Row:
    words, tone = OUTCOMES[entry.outcome]
    version, decided = entry.consent_version, people.get(entry.decided_by_id or 0, "")
    return Row(
        entry.id,
        entry.reference,
        moment(entry.came_at),
        [(labels.get(key, key), text) for key, text in entry.given.items()],
        gettext(words),
        tone,
        gettext(SUSPICIONS[entry.suspicion]) if entry.suspicion else "",
        f"/{entry.record_type}/{entry.record_id}" if entry.record_id else "",
        entry.outcome == HELD,
        gettext(N_("Agreed to version %(version)s of the words."), version=version) if version else "",
        gettext(N_("Decided by %(name)s."), name=decided) if decided else "",
    )


@bp.post("/entries/<int:entry_id>/release", needs=_ADMINISTER)
def let_in(entry_id: int) -> Any:
    entry = _entry(entry_id)
    form = _form(entry.form_id)
    release(g.actor, form, entry)
    flash(gettext(N_("It is let in, as if nothing had been odd about it.")), "ok")
    return see_other(_entries_url(form, HELD))


@bp.post("/entries/<int:entry_id>/discarding", needs=_ADMINISTER)
def throw_away(entry_id: int) -> Any:
    entry = _entry(entry_id)
    form = _form(entry.form_id)
    discard(g.actor, entry)
    flash(gettext(N_("It is thrown away, and forgotten after 90 days.")), "ok")
    return see_other(_entries_url(form, HELD))


@bp.post("/<int:form_id>/discarding", needs=_ADMINISTER)
def throw_all_away(form_id: int) -> Any:
    form = _form(form_id)
    count = discard_held(g.actor, form)
    flash(gettext(N_("Thrown away: %(count)s. They are forgotten after 90 days."), count=number(count)), "ok")
    return see_other(_entries_url(form, HELD))


def _entry(id_: int) -> IntakeEntry:
    found: IntakeEntry = db.get_or_404(IntakeEntry, id_)
    return found
