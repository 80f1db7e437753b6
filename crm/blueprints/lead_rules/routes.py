"""The administration of what is said about leads: points for what they have, and who gets those without an owner."""

from typing import Any

from flask import flash, g, request, url_for
from werkzeug.wrappers import Response

from crm.blueprints.lead_rules.forms import AssignmentForm, ScoreForm, rule_list
from crm.domain.leads import assignment, ruling, scoring
from crm.domain.leads.rule_models import AssignmentRule, ScoreRule
from crm.domain.people.queries import departments, names
from crm.infra.db import db
from crm.kernel.errors import Invalid
from crm.kernel.permissions import Permission
from crm.kernel.text import N_
from crm.web.blueprint import CrmBlueprint
from crm.web.departments import options
from crm.web.errors import told
from crm.web.filters import words
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext

bp = CrmBlueprint("lead_rules", __name__, url_prefix="/admin/leads", module="leads")
_ADMINISTER = Permission.SYSTEM_ADMINISTER


@bp.get("/scores", needs=_ADMINISTER)
def scores() -> Any:
    return _scores(ScoreForm(request.args))


@bp.post("/scores", needs=_ADMINISTER)
def add_score() -> Any:
    form = ScoreForm(request.form)
    if request.form.get("do") == "more":  # the field is chosen: now how it is compared
        return _scores(form)
    try:
        ruling.add_score(g.actor, *form.read())
    except Invalid as problem:
        return _scores(form, 422, told(problem))
    flash(gettext(N_("The rule is saved. All %(leads)s are being scored anew.")), "ok")
    return see_other(url_for("lead_rules.scores"))


@bp.post("/scores/<int:score_rule_id>/removal", needs=_ADMINISTER)
def remove_score(score_rule_id: int) -> Any:
    ruling.remove_score(g.actor, db.get_or_404(ScoreRule, score_rule_id))
    flash(gettext(N_("The rule is removed. All %(leads)s are being scored anew.")), "ok")
    return see_other(url_for("lead_rules.scores"))


def _scores(form: ScoreForm, status: int = 200, problem: str = "") -> Response:
    rules = [(each, _words([each.condition])) for each in scoring.rules()]
    return render("lead_rules/scores.html", status, rules=rules, form=form, problem=problem, run=scoring.last_run())


def _words(conditions: Any) -> str:
    """Sentences joined; of what is gone that it is."""
    spec, said = rule_list(), []
    for condition in conditions:
        try:
            said.append(words(spec, *condition))
        except Invalid as problem:
            said.append(told(problem))
    return gettext(N_(" and ")).join(said)


@bp.get("/assignment", needs=_ADMINISTER)
def assignments() -> Any:
    rules = assignment.rules()
    people = names({each["person"] for rule in rules for each in rule.people})
    places = {each.id: each.name for each in departments()}
    told_ = [(each, _words(each.conditions), _whom(each, people, places)) for each in rules]
    return render("lead_rules/assignments.html", rules=told_)


def _whom(rule: AssignmentRule, people: dict[int, str], places: dict[int, str]) -> str:
    ways = dict(AssignmentForm.of(None).ways)
    among = [people[each["person"]] for each in rule.people if each["person"] in people]
    where = [places.get(rule.department_id, "")] if rule.department_id else []
    return " · ".join([ways[rule.way], *among, *filter(None, where)])


@bp.get("/assignment/new", needs=_ADMINISTER)
def new_assignment() -> Any:
    return _assignment(None, AssignmentForm.of(None))


@bp.get("/assignment/<int:assignment_rule_id>", needs=_ADMINISTER)
def edit_assignment(assignment_rule_id: int) -> Any:
    rule = _rule(assignment_rule_id)
    return _assignment(rule, AssignmentForm.of(rule))


@bp.post("/assignment", needs=_ADMINISTER)
def add_assignment() -> Any:
    return _save(None)


@bp.post("/assignment/<int:assignment_rule_id>", needs=_ADMINISTER)
def change_assignment(assignment_rule_id: int) -> Any:
    return _save(_rule(assignment_rule_id))


def _save(rule: AssignmentRule | None) -> Response:
    form = AssignmentForm(request.form)
    if request.form.get("do") == "more":
        return _assignment(rule, form)
    try:
        saved = ruling.save_assignment(g.actor, rule, form.read())
    except Invalid as problem:
        return _assignment(rule, form, 422, told(problem))
    flash(gettext(N_("The rule “%(name)s” is saved."), name=saved.name), "ok")
    return see_other(url_for("lead_rules.assignments"))


@bp.post("/assignment/<int:assignment_rule_id>/place", needs=_ADMINISTER)
def move_assignment(assignment_rule_id: int) -> Any:
    ruling.move(g.actor, _rule(assignment_rule_id), 1 if request.form.get("way") == "down" else -1)
    return see_other(url_for("lead_rules.assignments", _anchor=f"rule-{assignment_rule_id}"))


@bp.post("/assignment/<int:assignment_rule_id>/retirement", needs=_ADMINISTER)
def retire_assignment(assignment_rule_id: int) -> Any:
    rule = _rule(assignment_rule_id)
    ruling.retire(g.actor, rule)
    flash(gettext(N_("The rule “%(name)s” is removed."), name=rule.name), "ok")
    return see_other(url_for("lead_rules.assignments"))


def _rule(id_: int) -> AssignmentRule:
    found: AssignmentRule = db.first_or_404(
        db.select(AssignmentRule).where(AssignmentRule.id == id_, AssignmentRule.retired_at.is_(None))
    )
    return found


def _assignment(rule: AssignmentRule | None, form: AssignmentForm, status: int = 200, problem: str = "") -> Response:
    address = (
        url_for("lead_rules.change_assignment", assignment_rule_id=rule.id)
        if rule
        else url_for("lead_rules.add_assignment")
    )
    return render(
        "lead_rules/assignment.html",
        status,
        rule=rule,
        form=form,
        problem=problem,
        address=address,
        departments=options(),
    )
