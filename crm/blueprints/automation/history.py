"""What rules decided and did: on which event, in which version, with which result; what failed can be tried again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, g, request, url_for
from sqlalchemy import select

from crm.blueprints.automation.area import MAY, bp
from crm.blueprints.automation.words import field_words, sentence, type_word
from crm.domain.automation import ruling, runs
from crm.domain.automation.deeds import DEEDS
from crm.domain.automation.models import AutomationEvent, AutomationRule, AutomationRun, Decision
from crm.domain.automation.rules import rule_of
from crm.domain.people.queries import names
from crm.infra.db import db
from crm.kernel.events import Event
from crm.kernel.shaping import link_sources
from crm.kernel.text import N_
from crm.web.audit import LogLine, lines
from crm.web.errors import sentence as error_words
from crm.web.formats import moment, number
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext

DECISIONS = {
    Decision.DONE: (N_("acted"), "ok"),
    Decision.NOT: (N_("conditions did not hold"), ""),
    Decision.DENIED: (N_("not allowed"), "bad"),
    Decision.LOOPED: (N_("stopped: it had caused this itself"), "warn"),
    Decision.FAILED: (N_("failed"), "bad"),
}
_PAIR = N_("%(who)s: %(name)s")
_VERSION = N_("%(title)s, version %(number)s")


@dataclass(frozen=True)
class Line:
    run: AutomationRun
    title: str
    when: str
    input: LogLine | None
    record: str  # what the reader may know of it
    url: str
    words: str
    tone: str
    effects: Sequence[str]
    problem: str
    tries: str
    again: bool


@bp.get("/history", needs=MAY)
def runs_page() -> Any:
    rule_id, decision = _number("rule"), request.args.get("decision", "")
    if decision and decision not in set(Decision):
        abort(404)
    found = runs.history(rule_id, decision, _number("before"))
    page = found[: runs.PAGE]
    asked = {"rule": rule_id, "decision": decision or None}
    older = url_for("automation.runs_page", **asked, before=page[-1].id) if len(found) > runs.PAGE else ""
    return render(
        "automation/history.html",
        lines=_lines(page),
        rules=[(str(each.id), gettext(each.name)) for each in _all()],
        decisions=[(each.value, gettext(words)) for each, (words, _) in DECISIONS.items()],
        asked={"rule": str(rule_id or ""), "decision": decision},
        older=older,
        stuck=_stuck(),
    )


def _stuck() -> list[tuple[LogLine | None, str, str]]:
    """(event, what kind of error it was, how often and when it is tried again) of what no rule could decide about."""
    rows = runs.stuck()
    inputs = _inputs(rows)
    tries = N_("Attempts: %(count)s. The next one: %(when)s.")
    return [
        (
            inputs.get(each.event_id),
            (each.error or "").partition("(")[0],  # what else is in it may be of a record
            gettext(tries, count=number(each.attempts), when=moment(each.run_at)),
        )
        for each in rows
    ]


def _number(key: str) -> int | None:
    text = request.args.get(key, "")
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _all() -> Sequence[AutomationRule]:
    return db.session.scalars(select(AutomationRule).order_by(AutomationRule.position)).all()


def _lines(page: Sequence[AutomationRun]) -> list[Line]:
    titles = {key: gettext(name) for key, name in ruling.named({each.rule_id for each in page}).items()}
    inputs = _inputs(page)
    records = _records(page)
    people = names({id_ for run in page for effect in run.effects for id_ in effect.get("people", ())})
    return [_line(each, titles, inputs, records, people) for each in page]


def _inputs(page: Sequence[AutomationRun | AutomationEvent]) -> dict[int, LogLine]:
    """The events, told with the rights of the reader."""
    if not page:
        return {}
    times = [each.occurred_at for each in page]
    asked = select(Event).where(Event.id.in_({each.event_id for each in page}))
    events = db.session.scalars(asked.where(Event.occurred_at.between(min(times), max(times)))).all()
    return {each.id: each for each in lines(events)}


def _records(page: Sequence[AutomationRun]) -> dict[tuple[str, int], str]:
    wanted: dict[str, set[int]] = {}
    for each in page:
        wanted.setdefault(each.subject_type, set()).add(each.subject_id)
    return {
        (type_, id_): words
        for type_, ids in wanted.items()
        if type_ in link_sources
        for id_, words in link_sources[type_].labels(g.actor, ids).items()
    }


def _line(
    run: AutomationRun,
    titles: Mapping[int, str],
    inputs: Mapping[int, LogLine],
    records: Mapping[tuple[str, int], str],
    people: Mapping[int, str],
) -> Line:
    words, tone = DECISIONS[Decision(run.decision)]
    known = records.get((run.subject_type, run.subject_id), "")
    return Line(
        run,
        gettext(_VERSION, title=titles.get(run.rule_id, ""), number=run.version),
        moment(run.at),
        inputs.get(run.event_id),
        known or f"{type_word(run.subject_type)} {run.subject_id}",
        f"/{run.subject_type}/{run.subject_id}" if known else "",
        gettext(words),
        tone,
        [_effect(run, each, people) for each in run.effects],
        error_words(run.problem["message"], run.problem["params"]) if run.problem else "",
        gettext(N_("Attempts: %(count)s"), count=number(run.attempts)),
        run.decision in (Decision.FAILED, Decision.DENIED),
    )


def _effect(run: AutomationRun, effect: Mapping[str, Any], people: Mapping[int, str]) -> str:
    """What was done: whose names it has, and which field; never a value."""
    deed = DEEDS.get(effect["do"])
    said = gettext(deed.label) if deed is not None else effect["do"]
    about = [people[id_] for id_ in effect.get("people", ()) if id_ in people]
    if "field" in effect:
        about.append(field_words(run.subject_type, effect["field"]))
    if effect.get("changed") is False:
        about.append(gettext(N_("nothing changed")))
    return gettext(_PAIR, who=said, name=gettext(N_(", ")).join(about)) if about else said


@bp.post("/history/<int:run_id>/again", needs=MAY)
def run_again(run_id: int) -> Any:
    runs.run_again(g.actor, db.get_or_404(AutomationRun, run_id))
    flash(gettext(N_("It is tried again now. Look here again in a moment.")), "ok")
    return see_other(url_for("automation.runs_page", decision=Decision.FAILED.value))


@bp.get("/<int:rule_id>/versions/<int:version>", needs=MAY)
def version(rule_id: int, version: int) -> Any:
    """What the rule was when it ran."""
    rule = db.get_or_404(AutomationRule, rule_id)
    known = ruling.versions_of(rule)
    said = next((each for each in known if each.version == version), None) or abort(404)
    by = names({said.by_id}).get(said.by_id or 0, "")
    shown = {"title": gettext(said.name), "words": sentence(rule_of(said)), "by": by}
    return render("automation/version.html", rule=rule, version=said, versions=known, **shown)
