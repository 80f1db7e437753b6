"""Pipelines and their stages, as administrators shape them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import abort, flash, g, request, url_for
from werkzeug.wrappers import Response

from crm.config import LANGUAGES
from crm.domain.opportunities import shaping
from crm.domain.opportunities.models import Pipeline, Stage
from crm.domain.opportunities.pipelines import LOST, OPEN, WON
from crm.domain.opportunities.record_type import OPPORTUNITY
from crm.domain.opportunities.shaping import StageDraft
from crm.infra.db import db
from crm.kernel.access import NOBODY
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.language import words_in
from crm.kernel.permissions import Permission
from crm.kernel.text import N_
from crm.web.blueprint import CrmBlueprint
from crm.web.errors import told
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext

bp = CrmBlueprint("pipelines", __name__, url_prefix="/admin/pipelines", module="opportunities")
MAY = Permission.SYSTEM_ADMINISTER
LANGUAGE_NAMES = {"en": "English", "zh_CN": "中文"}
KIND_WORDS = {OPEN: N_("Still open"), WON: N_("Won"), LOST: N_("Lost")}
_NOT_ASKED = ("name", "pipeline", "stage", "lost_reason", "owner")  # what a deal has anyway, or where it stands


@bp.get("", needs=MAY)
def index() -> Any:
    return _index()


def _index(status: int = 200, problem: str = "") -> Response:
    rows = [(each, words_in(each.label), shaping.stages_in(each)) for each in shaping.all_pipelines()]
    return render("pipelines/index.html", status, rows=rows, problem=problem, languages=_words({}))


@bp.post("", needs=MAY)
def make() -> Any:
    try:
        made = shaping.make_pipeline(g.actor, _label())
    except (Invalid, RuleBroken) as problem:
        return _index(422, told(problem))
    return see_other(url_for("pipelines.show", pipeline_id=made.id))


@bp.get("/<int:pipeline_id>", needs=MAY)
def show(pipeline_id: int) -> Any:
    return _show(_pipeline(pipeline_id))


def _show(row: Pipeline, status: int = 200, problem: str = "") -> Response:
    return render(
        "pipelines/show.html",
        status,
        row=row,
        name=words_in(row.label),
        languages=_words(row.label),
        stages=[(each, words_in(each.label), gettext(KIND_WORDS[each.kind])) for each in shaping.stages_in(row)],
        new=_words({}),
        kinds=[(key, gettext(words)) for key, words in KIND_WORDS.items()],
        problem=problem,
    )


@bp.post("/<int:pipeline_id>", needs=MAY)
def change(pipeline_id: int) -> Any:
    row = _pipeline(pipeline_id)
    try:
        shaping.change_pipeline(g.actor, row, _label())
    except Invalid as problem:
        return _show(row, 422, told(problem))
    return _saved(row)


@bp.post("/<int:pipeline_id>/stages", needs=MAY)
def make_stage(pipeline_id: int) -> Any:
    row = _pipeline(pipeline_id)
    try:
        shaping.make_stage(g.actor, row, replace(_draft(), kind=request.form.get("kind", "")))
    except (Invalid, RuleBroken) as problem:
        return _show(row, 422, told(problem))
    return _saved(row)


@bp.get("/stages/<int:stage_id>", needs=MAY)
def stage(stage_id: int) -> Any:
    return _stage(_one(stage_id))


def _stage(row: Stage, status: int = 200, problem: str = "") -> Response:
    actor = replace(NOBODY, shape=g.actor.shape)  # every field there is, even those kept from this administrator
    fields = [each for part in OPPORTUNITY.whole(actor) for each in part.fields if each.key not in _NOT_ASKED]
    return render(
        "pipelines/stage.html",
        status,
        row=row,
        name=words_in(row.label),
        pipeline=_pipeline(row.pipeline_id),
        pipeline_name=words_in(_pipeline(row.pipeline_id).label),
        languages=_words(row.label),
        kind=gettext(KIND_WORDS[row.kind]),
        fields=[(each.key, gettext(each.label)) for each in fields],
        problem=problem,
    )


@bp.post("/stages/<int:stage_id>", needs=MAY)
def change_stage(stage_id: int) -> Any:
    row = _one(stage_id)
    try:
        shaping.change_stage(g.actor, row, _draft())
    except Invalid as problem:
        return _stage(row, 422, told(problem))
    return _saved(row)


@bp.post("/<int:pipeline_id>/place", needs=MAY)
def move(pipeline_id: int) -> Any:
    return _moved(_pipeline(pipeline_id))


@bp.post("/stages/<int:stage_id>/place", needs=MAY)
def move_stage(stage_id: int) -> Any:
    return _moved(_one(stage_id))


@bp.post("/<int:pipeline_id>/retirement", needs=MAY)
def retire(pipeline_id: int) -> Any:
    return _retired(_pipeline(pipeline_id))


@bp.post("/stages/<int:stage_id>/retirement", needs=MAY)
def retire_stage(stage_id: int) -> Any:
    return _retired(_one(stage_id))


@bp.post("/<int:pipeline_id>/return", needs=MAY)
def bring_back(pipeline_id: int) -> Any:
    return _back(_pipeline(pipeline_id))


@bp.post("/stages/<int:stage_id>/return", needs=MAY)
def bring_stage_back(stage_id: int) -> Any:
    return _back(_one(stage_id))


def _moved(row: Pipeline | Stage) -> Any:
    shaping.move(g.actor, row, down=request.form.get("way") == "down")
    return see_other(_url(row))


def _retired(row: Pipeline | Stage) -> Any:
    shaping.retire(g.actor, row)
    words = N_("“%(name)s” is not offered any more. What stands there stays until somebody moves it.")
    flash(gettext(words, name=gettext(words_in(row.label))), "ok")
    return see_other(_url(row))


def _back(row: Pipeline | Stage) -> Any:
    shaping.bring_back(g.actor, row)
    flash(gettext(N_("“%(name)s” is offered again."), name=gettext(words_in(row.label))), "ok")
    return see_other(_url(row))


def _saved(row: Pipeline | Stage) -> Any:
    flash(gettext(N_("“%(name)s” is saved."), name=gettext(words_in(row.label))), "ok")
    return see_other(url_for("pipelines.show", pipeline_id=row.pipeline_id if isinstance(row, Stage) else row.id))


def _url(row: Pipeline | Stage) -> str:
    if isinstance(row, Stage):
        return url_for("pipelines.show", pipeline_id=row.pipeline_id, _anchor=f"stage-{row.id}")
    return url_for("pipelines.index", _anchor=f"pipeline-{row.id}")


def _pipeline(pipeline_id: int) -> Pipeline:
    return db.session.get(Pipeline, pipeline_id) or abort(404)


def _one(stage_id: int) -> Stage:
    return db.session.get(Stage, stage_id) or abort(404)


def _label() -> dict[str, str]:
    return {language: request.form.get(f"label-{language}", "") for language in LANGUAGES}


def _words(label: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """(language, its name, the words)"""
    sent = {language: request.form.get(f"label-{language}") for language in LANGUAGES}
    return [(each, LANGUAGE_NAMES[each], sent[each] or label.get(each, "")) for each in LANGUAGES]


def _draft() -> StageDraft:
    return StageDraft(
        _label(),
        probability=_whole("probability") or 0,
        rotting_days=_whole("rotting_days"),
        required=request.form.getlist("required"),
    )


def _whole(name: str) -> int | None:
    given = request.form.get(name, "").strip()
    if given and not (given.isdecimal() and len(given) < 6):
        raise Invalid(N_("“%(value)s” is not a whole number."), value=given[:60])
    return int(given) if given else None
