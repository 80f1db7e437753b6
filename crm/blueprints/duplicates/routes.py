"""Duplicates of any type that has a likeness: hints for its forms, requests for access, merges, the workbench."""

from typing import Any

from flask import abort, flash, g, request, url_for
from sqlalchemy import select

from crm.blueprints.duplicates.merging import OTHER, MergeForm, told_of
from crm.blueprints.duplicates.pairs import Progress, Workbench
from crm.domain.access import of_records as access
from crm.domain.duplicates import merging, searching, separating
from crm.domain.duplicates.holding import hold, hold_moved
from crm.domain.duplicates.models import DuplicatePair, Merge
from crm.domain.duplicates.queries import survivor_of
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db
from crm.kernel.errors import Conflict, Invalid, RuleBroken
from crm.kernel.permissions import Permission
from crm.kernel.records import RecordType
from crm.kernel.shaping import link_sources
from crm.kernel.text import N_, clean
from crm.web.blueprint import SIGNED_IN, CrmBlueprint
from crm.web.errors import told
from crm.web.htmx import is_htmx, render, see_other
from crm.web.i18n import gettext
from crm.web.likeness import Hints, typed

bp = CrmBlueprint("duplicates", __name__, url_prefix="/duplicates")
_CHANGED = N_(
    "Somebody has changed one of the two meanwhile. Nothing is merged yet: look at both, choose and send again."
)
_GONE = N_(
    "Somebody else has merged or deleted one of the two meanwhile. Nothing was changed: look for the other again."
)


def _type(type_key: str, *needs: str) -> RecordType:
    """A type whose records are compared, for whoever may do all of this with some of it."""
    type_ = RECORD_TYPES.get(type_key)
    if type_ is None or type_.likeness is None or type_key not in g.actor.modules:
        abort(404)
    if not all(g.actor.may(Permission(f"{type_key}:{each}")) for each in needs):
        abort(403)
    return type_


def _one(type_: RecordType, record_id: int, *, lock: bool = False) -> Any:
    statement = type_.entity.visible_to(g.actor).where(type_.entity.id == record_id)
    return db.one_or_404(statement.with_for_update() if lock else statement)


def _id(name: str) -> int:
    given = request.values.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 19 else abort(404)


@bp.get("/<type_key>/hint", needs=SIGNED_IN)
def hint(type_key: str) -> Any:
    """While somebody types: a part of the form."""
    besides = _id("besides") if "besides" in request.args else None
    type_ = _type(type_key, "edit" if besides else "create")
    record = _one(type_, besides) if besides else None
    hints = Hints.of(type_, typed(type_, request.args, record), besides)
    return render("duplicates/hints.html", part="duplicates/_hints.html", hints=hints, asking=not besides)


@bp.post("/<type_key>/access", needs=SIGNED_IN)
def ask_access(type_key: str) -> Any:
    """The form says what was typed, not which record is meant: whoever asks learns nothing by asking."""
    type_ = _type(type_key, "create")
    hints = Hints.of(type_, typed(type_, request.form))
    wanted = request.form.get("department", "")
    ids = [each.id for each in hints.found.hidden if wanted == str(each.department_id or "none")]
    if not ids:
        raise RuleBroken(N_("There is none any more: go back and save what you have written."))
    access.ask(g.actor, type_, ids)
    words = N_("Whoever it belongs to has been asked. You are told once it is shared with you; nothing was saved.")
    flash(gettext(words), "ok")
    return see_other(url_for(f"{type_.key}.index"))


@bp.get("/<type_key>/", needs=SIGNED_IN)
def index(type_key: str) -> Any:
    type_ = _type(type_key, "read", "edit", "delete")
    if is_htmx():  # the progress has ended: the browser goes on to the whole page
        return see_other(url_for("duplicates.index", type_key=type_key))
    return render("duplicates/index.html", bench=Workbench(type_, request.args.get("after", "")))


@bp.get("/<type_key>/progress", needs=SIGNED_IN)
def progress(type_key: str) -> Any:
    type_ = _type(type_key, "read", "edit", "delete")
    return render("duplicates/_progress.html", progress=Progress(type_))


@bp.post("/<type_key>/search", needs=SIGNED_IN)
def search(type_key: str) -> Any:
    searching.ask(g.actor, _type(type_key, "read", "edit", "delete"))
    return see_other(url_for("duplicates.index", type_key=type_key))


@bp.post("/<type_key>/difference", needs=SIGNED_IN)
def part(type_key: str) -> Any:
    type_ = _type(type_key, "read", "edit", "delete")
    first, second = _one(type_, _id("first")), _one(type_, _id("second"))
    key = {"record_type": type_key, "first_id": first.id, "second_id": second.id}
    pair = db.one_or_404(select(DuplicatePair).filter_by(**key).with_for_update())
    searching.part(g.actor, pair, first, second)
    flash(gettext(N_("These two are not the same: they are not shown as a pair any more.")), "ok")
    return see_other(url_for("duplicates.index", type_key=type_key))


@bp.get("/<type_key>/<int:record_id>", needs=SIGNED_IN)
def of_one(type_key: str, record_id: int) -> Any:
    """What is like this one, and any other one to merge with."""
    type_ = _type(type_key, "read", "edit")
    return _of_one(type_, _one(type_, record_id))


def _of_one(type_: RecordType, record: Any, status: int = 200, problem: str = "", other: str = "") -> Any:
    hints = Hints.of(type_, typed(type_, {}, record), record.id)
    return render(
        "duplicates/of_one.html", status, record=record, type=type_, hints=hints, problem=problem, other=other
    )


@bp.get("/<type_key>/merge", needs=SIGNED_IN)
def merge_form(type_key: str) -> Any:
    type_ = _type(type_key, "read", "edit")
    first = _one(type_, _id("first"))
    if words := clean(request.args.get("other", "")):
        found = link_sources[type_key].resolve(g.actor, [words])[words]
        if isinstance(found, Invalid):
            return _of_one(type_, first, 422, told(found), words)
        return see_other(url_for("duplicates.merge_form", type_key=type_key, first=first.id, second=found))
    return _merge_page(MergeForm(type_, first, _one(type_, _id("second"))))


def _merge_page(form: MergeForm, status: int = 200) -> Any:
    return render("duplicates/merge.html", status, form=form)


@bp.post("/<type_key>/merge", needs=SIGNED_IN)
def merge(type_key: str) -> Any:
    type_ = _type(type_key, "read", "edit")
    ids = _id("first"), _id("second")
    for id_ in ids:
        _there_still(type_, id_, lock=False)  # nobody makes others wait by what they may not see
    survivor_id, gone_id = ids if request.form.get("keep") != OTHER else reversed(ids)
    hold(type_key, survivor_id, gone_id)
    # In one order: no two wait for each other.
    locked = {id_: _there_still(type_, id_) for id_ in sorted(ids)}
    form = MergeForm(type_, locked[ids[0]], locked[ids[1]], request.form)
    if form.is_stale:
        form = MergeForm(type_, *form.both.values())  # as they are now
        form.problem = gettext(_CHANGED)
        return _merge_page(form, 409)
    try:
        merging.merge(g.actor, type_, form.survivor, form.gone, form.taken_over)
    except (Invalid, RuleBroken) as problem:
        form.problem = told(problem)
        db.session.rollback()
        again = MergeForm(type_, _one(type_, ids[0]), _one(type_, ids[1]), request.form)
        again.problem = form.problem
        return _merge_page(again, 422)
    words = N_("They are one now. For %(days)s days this can be undone on this page.")
    flash(gettext(words, days=merging.DAYS), "ok")
    return see_other(url_for(f"{type_key}.show", record_id=form.survivor.id))


def _there_still(type_: RecordType, record_id: int, *, lock: bool = True) -> Any:
    """Locked, or only its id. Of what somebody else has merged or deleted meanwhile whoever saw it is told."""
    entity = type_.entity
    there = entity.visible_to(g.actor).where(entity.id == record_id)
    there = there.with_for_update() if lock else there.with_only_columns(entity.id)
    if (found := db.session.scalars(there).first()) is not None:
        return found
    binned = entity.binned_for(g.actor).where(entity.id == record_id).with_only_columns(entity.id)
    if survivor_of(g.actor, type_, record_id) is None and db.session.scalar(binned) is None:
        abort(404)
    raise Conflict(_GONE)


@bp.post("/merges/<int:merge_id>/undoing", needs=SIGNED_IN)
def undo(merge_id: int) -> Any:
    kept = db.one_or_404(select(Merge).where(Merge.id == merge_id).with_for_update())
    type_ = _type(kept.record_type, "read", "edit")
    entity = type_.entity
    db.one_or_404(entity.visible_to(g.actor).where(entity.id == kept.survivor_id).with_only_columns(entity.id))
    hold_moved(kept)
    survivor = _one(type_, kept.survivor_id, lock=True)
    undone = separating.undo(g.actor, type_, survivor, kept)
    flash(gettext(N_("They are two again.")), "ok")
    for words in told_of(undone):
        flash(words, "warn")
    return see_other(url_for(f"{type_.key}.show", record_id=kept.gone_id))
