"""Types and categories of tickets."""

from collections.abc import Callable
from typing import Any

from flask import abort, g, request, url_for
from werkzeug.wrappers import Response

from crm.blueprints.ticket_rules.area import MAY, Problem, bp, by_language, done, number, sent
from crm.domain.fields.drafts import TONES
from crm.domain.tickets import shaping
from crm.domain.tickets.models import TicketTopic
from crm.domain.tickets.shaping import TopicDraft
from crm.domain.tickets.topics import CATEGORY, TYPE
from crm.infra.db import db
from crm.kernel.errors import Conflict, Invalid, RuleBroken
from crm.kernel.language import words_in
from crm.kernel.text import N_
from crm.web.errors import status_of, told
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext

_KINDS = {"types": TYPE, "categories": CATEGORY}


@bp.get("/<any(types, categories):which>", needs=MAY)
def topics(which: str) -> Any:
    return _topics(which)


def _topics(which: str, status: int = 200, problem: Problem = ("", "")) -> Response:
    rows = shaping.topics(_KINDS[which])
    names = {each.department_id: department.name for each, department in shaping.teams()}
    told_ = [(each, words_in(each.label), len(each.code) // 3 - 1, names.get(each.team_id or 0)) for each in rows]
    return render("ticket_rules/topics.html", status, which=which, rows=told_, problem=problem, **_form(which, None))


def _form(which: str, topic: TicketTopic | None) -> dict[str, Any]:
    above = [(each.code, "\u2003" * (len(each.code) // 3 - 1) + words_in(each.label)) for each in _living(which)]
    return {
        "topic": topic,
        "labels": by_language("label", topic.label if topic else {}),
        "names": request.form.get("names", ", ".join(topic.names) if topic else ""),
        "tone": request.form.get("tone", topic.tone if topic else ""),
        "tones": [(key, gettext(words)) for key, words in TONES.items()],
        "team": request.form.get("team", topic.team_id if topic else ""),
        "teams": [(each.department_id, department.name) for each, department in shaping.teams()],
        "above": above if which == "categories" and topic is None else [],
    }


def _living(which: str) -> list[TicketTopic]:
    return [each for each in shaping.topics(_KINDS[which]) if each.retired_at is None]


def _draft() -> TopicDraft:
    names = request.form.get("names", "").replace("，", ",").split(",")
    return TopicDraft(sent("label"), names, request.form.get("tone", ""), number("team"))


@bp.post("/<any(types, categories):which>", needs=MAY)
def make_topic(which: str) -> Any:
    try:
        made = shaping.make_topic(g.actor, _KINDS[which], _draft(), request.form.get("above", ""))
    except (Invalid, RuleBroken) as problem:
        return _topics(which, 422, (problem.params.get("key", ""), told(problem)))
    return done(url_for("ticket_rules.topics", which=which), name=gettext(words_in(made.label)))


def _topic(which: str, topic_id: int) -> TicketTopic:
    found = db.session.get(TicketTopic, topic_id)
    return found if found is not None and found.kind == _KINDS[which] else abort(404)


@bp.get("/<any(types, categories):which>/<int:ticket_topic_id>", needs=MAY)
def topic(which: str, ticket_topic_id: int) -> Any:
    return _show(which, _topic(which, ticket_topic_id))


def _show(which: str, one: TicketTopic, status: int = 200, problem: Problem = ("", "")) -> Response:
    name = words_in(one.label)
    return render("ticket_rules/topic.html", status, which=which, name=name, problem=problem, **_form(which, one))


@bp.post("/<any(types, categories):which>/<int:ticket_topic_id>", needs=MAY)
def change_topic(which: str, ticket_topic_id: int) -> Any:
    one = _topic(which, ticket_topic_id)
    try:
        shaping.change_topic(g.actor, one, _draft(), seen=number("version") or 0)
    except (Invalid, Conflict) as problem:
        return _show(which, one, status_of(problem), (problem.params.get("key", ""), told(problem)))
    return done(url_for("ticket_rules.topics", which=which), name=gettext(words_in(one.label)))


@bp.post("/types/<int:ticket_topic_id>/place", needs=MAY)
def move_topic(ticket_topic_id: int) -> Any:
    shaping.move_topic(g.actor, _topic("types", ticket_topic_id), down=request.form.get("way") == "down")
    return see_other(url_for("ticket_rules.topics", which="types", _anchor=f"topic-{ticket_topic_id}"))


def _retiring(verb: Callable[..., None], words: str, which: str, topic_id: int) -> Response:
    one = _topic(which, topic_id)
    verb(g.actor, one)
    return done(url_for("ticket_rules.topics", which=which), words, name=gettext(words_in(one.label)))


@bp.post("/<any(types, categories):which>/<int:ticket_topic_id>/retirement", needs=MAY)
def retire_topic(which: str, ticket_topic_id: int) -> Any:
    words = N_("“%(name)s” is not offered any more. Where it is, it stays.")
    return _retiring(shaping.retire_topic, words, which, ticket_topic_id)


@bp.post("/<any(types, categories):which>/<int:ticket_topic_id>/return", needs=MAY)
def bring_back_topic(which: str, ticket_topic_id: int) -> Any:
    return _retiring(shaping.bring_back_topic, N_("“%(name)s” is offered again."), which, ticket_topic_id)
