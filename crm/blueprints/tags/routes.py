"""What tags mean, as administrators say it."""

from collections.abc import Mapping
from typing import Any

from flask import abort, flash, g, request, url_for
from werkzeug.wrappers import Response

from crm.config import LANGUAGES
from crm.domain.fields.drafts import TONES
from crm.domain.registry import RECORD_TYPES
from crm.domain.tags import shaping
from crm.domain.tags.models import Tag
from crm.domain.tags.queries import TYPES, all_tags
from crm.domain.tags.shaping import TagDraft
from crm.infra.db import db
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.language import words_in
from crm.kernel.permissions import Permission
from crm.kernel.text import N_
from crm.web.blueprint import CrmBlueprint
from crm.web.errors import told
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext

bp = CrmBlueprint("tags", __name__, url_prefix="/admin/tags")
MAY = Permission.SYSTEM_ADMINISTER
LANGUAGE_NAMES = {"en": "English", "zh_CN": "中文"}


@bp.get("", needs=MAY)
def index() -> Any:
    return _index()


def _index(status: int = 200, problem: tuple[str, str] = ("", "")) -> Response:
    tags = all_tags()
    names = {each.id: words_in(each.label) for each in tags}
    rows = [(each, words_in(each.label), words_in(each.description), names.get(each.merged_into_id)) for each in tags]
    return render("tags/index.html", status, rows=rows, problem=problem, tag=None, **_words(None))


@bp.post("", needs=MAY)
def make() -> Any:
    try:
        made = shaping.make(g.actor, _draft())
    except (Invalid, RuleBroken) as problem:
        return _index(422, _problem(problem))
    return _saved(made)


@bp.get("/<int:tag_id>", needs=MAY)
def show(tag_id: int) -> Any:
    return _show(_tag(tag_id))


def _show(tag: Tag, status: int = 200, problem: tuple[str, str] = ("", "")) -> Response:
    others = [
        (each.id, gettext(words_in(each.label))) for each in all_tags() if each is not tag and not each.retired_at
    ]
    merged = db.session.get(Tag, tag.merged_into_id) if tag.merged_into_id is not None else None
    return render(
        "tags/show.html",
        status,
        tag=tag,
        name=words_in(tag.label),
        others=others,
        merged=words_in(merged.label) if merged else "",
        problem=problem,
        **_words(tag),
    )


@bp.post("/<int:tag_id>", needs=MAY)
def change(tag_id: int) -> Any:
    tag = _tag(tag_id)
    try:
        shaping.change(g.actor, tag, _draft())
    except Invalid as problem:
        return _show(tag, 422, _problem(problem))
    return _saved(tag)


@bp.post("/<int:tag_id>/place", needs=MAY)
def move(tag_id: int) -> Any:
    shaping.move(g.actor, _tag(tag_id), down=request.form.get("way") == "down")
    return see_other(url_for("tags.index", _anchor=f"tag-{tag_id}"))


@bp.post("/<int:tag_id>/retirement", needs=MAY)
def retire(tag_id: int) -> Any:
    tag = _tag(tag_id)
    shaping.retire(g.actor, tag)
    words = N_("“%(name)s” is not put on any more. Where it is, it stays until somebody takes it away.")
    return _done(tag, words)


@bp.post("/<int:tag_id>/return", needs=MAY)
def bring_back(tag_id: int) -> Any:
    tag = _tag(tag_id)
    try:
        shaping.bring_back(g.actor, tag)
    except Invalid as problem:
        return _show(tag, 422, _problem(problem))
    return _done(tag, N_("“%(name)s” is offered again."))


@bp.post("/<int:tag_id>/merging", needs=MAY)
def merge(tag_id: int) -> Any:
    tag, given = _tag(tag_id), request.form.get("into", "")
    into = db.session.get(Tag, int(given)) if given.isdecimal() and len(given) < 19 else None
    try:
        shaping.merge(g.actor, tag, into or tag)
    except Invalid as problem:
        return _show(tag, 422, _problem(problem))
    return _done(tag, N_("What has “%(name)s” has the other tag now."))


def _done(tag: Tag, words: str) -> Response:
    flash(gettext(words, name=gettext(words_in(tag.label))), "ok")
    return see_other(url_for("tags.index", _anchor=f"tag-{tag.id}"))


def _saved(tag: Tag) -> Response:
    return _done(tag, N_("“%(name)s” is saved."))


def _problem(problem: Invalid | RuleBroken) -> tuple[str, str]:
    """(the control it is about, the sentence)"""
    return problem.params.get("key", ""), told(problem)


def _tag(tag_id: int) -> Tag:
    return db.session.get(Tag, tag_id) or abort(404)


def _by_language(name: str) -> dict[str, str]:
    return {language: request.form.get(f"{name}-{language}", "") for language in LANGUAGES}


def _draft() -> TagDraft:
    tone, asks = request.form.get("tone", ""), "asks_why" in request.form
    types = request.form.getlist("types")
    return TagDraft(_by_language("label"), _by_language("description"), tone, asks, types)


def _words(tag: Tag | None) -> dict[str, Any]:
    """What the form holds: what was sent, else what is kept."""

    def several(name: str, kept: Mapping[str, str]) -> list[tuple[str, str, str]]:
        sent = {language: request.form.get(f"{name}-{language}") for language in LANGUAGES}
        return [(each, LANGUAGE_NAMES[each], sent[each] or kept.get(each, "")) for each in LANGUAGES]

    return {
        "labels": several("label", tag.label if tag else {}),
        "descriptions": several("description", tag.description if tag else {}),
        "tone": request.form.get("tone", tag.tone if tag else ""),
        "asks_why": tag.asks_why if tag and not request.form else "asks_why" in request.form,
        "types": [(each, gettext(RECORD_TYPES[each].label_plural)) for each in TYPES],
        "chosen_types": request.form.getlist("types") if request.form else tag.types if tag else TYPES,
        "tones": [(key, gettext(words)) for key, words in TONES.items()],
    }
