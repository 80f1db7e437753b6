"""Rules of automation: in their order, in words, switched on and off, written step by step."""

from dataclasses import replace
from typing import Any

from flask import flash, g, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from crm.blueprints.automation.area import MAY, bp, one
from crm.blueprints.automation.forms import RuleForm
from crm.blueprints.automation.words import sentence, type_word
from crm.domain.automation import drafts, ruling, runs
from crm.domain.automation.models import AutomationRule
from crm.domain.automation.rules import Rule, rule_of
from crm.domain.people.queries import departments
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.text import N_
from crm.web.departments import options
from crm.web.errors import told
from crm.web.formats import number
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext


@bp.get("", needs=MAY)
def index() -> Any:
    places = {each.id: each.name for each in departments()}
    acted = runs.last_runs()
    rows = [
        (each, gettext(each.name), sentence(rule_of(each)), _about(each, places), _acted(*acted.get(each.id, (0, 0))))
        for each in ruling.all_rules()
    ]
    return render("automation/index.html", rows=rows)


def _acted(done: int, failed: int) -> str:
    if not failed:
        return gettext(N_("Acted in 7 days: %(done)s"), done=number(done))
    return gettext(N_("Acted in 7 days: %(done)s · failed: %(failed)s"), done=number(done), failed=number(failed))


def _about(rule: AutomationRule, places: dict[int, str]) -> str:
    where = places.get(rule.department_id or 0)
    return f"{type_word(rule.record_type)} · {where}" if where else type_word(rule.record_type)


@bp.get("/new", needs=MAY)
def new() -> Any:
    return _form(None, RuleForm(MultiDict(request.args)))


@bp.post("", needs=MAY)
def add() -> Any:
    return _save(None)


@bp.get("/<int:rule_id>", needs=MAY)
def edit(rule_id: int) -> Any:
    rule = one(rule_id)
    return _form(rule, RuleForm.of(rule))


@bp.post("/<int:rule_id>", needs=MAY)
def change(rule_id: int) -> Any:
    return _save(one(rule_id))


def _save(rule: AutomationRule | None) -> Response:
    form = RuleForm(request.form)
    if request.form.get("do") == "more":
        return _form(rule, form)
    try:
        draft = form.read()
        if rule is not None and draft.name == gettext(rule.name):  # of a delivered one every language has its own
            draft = replace(draft, name=rule.name)
        if rule is None:
            rule = ruling.make(g.actor, draft)
        else:
            ruling.change(g.actor, rule, draft)
    except (Invalid, RuleBroken) as problem:
        return _form(rule, form, 422, (str(problem.params.get("key", "name")), told(problem)))
    return _saved(rule)


def _saved(rule: AutomationRule) -> Response:
    if rule.active:
        flash(gettext(N_("The rule “%(title)s” is saved and on."), title=gettext(rule.name)), "ok")
        return see_other(url_for("automation.index", _anchor=f"rule-{rule.id}"))
    flash(
        gettext(N_("The rule “%(title)s” is saved and off: here is what it would do."), title=gettext(rule.name)), "ok"
    )
    return see_other(url_for("automation.trial", rule_id=rule.id))


def _form(
    rule: AutomationRule | None, form: RuleForm, status: int = 200, problem: tuple[str, str] = ("", "")
) -> Response:
    address = url_for("automation.change", rule_id=rule.id) if rule else url_for("automation.add")
    return render(
        "automation/rule.html",
        status,
        rule=rule,
        form=form,
        problem=problem,
        address=address,
        departments=options(),
        words=_preview(form),
    )


def _preview(form: RuleForm) -> str:
    """The rule in words, as far as it makes sense already."""
    try:
        columns = drafts.checked(g.actor, form.read())
    except (Invalid, RuleBroken):
        return ""
    said = columns["definition"]
    conditions = tuple((key, operator, value) for key, operator, value in said["conditions"])
    about = columns["record_type"]
    return sentence(Rule(0, 0, "", about, None, said["when"], conditions, tuple(said["actions"]), {}))


@bp.post("/<int:rule_id>/switch", needs=MAY)
def switch(rule_id: int) -> Any:
    rule, on = one(rule_id), request.form.get("on") == "1"
    ruling.switch(g.actor, rule, on=on)
    said = N_("The rule “%(title)s” is on.") if on else N_("The rule “%(title)s” is off. Nothing acts any more.")
    flash(gettext(said, title=gettext(rule.name)), "ok")
    return see_other(url_for("automation.index", _anchor=f"rule-{rule.id}"))


@bp.post("/<int:rule_id>/place", needs=MAY)
def move(rule_id: int) -> Any:
    rule = one(rule_id)
    ruling.move(g.actor, rule, 1 if request.form.get("way") == "down" else -1)
    return see_other(url_for("automation.index", _anchor=f"rule-{rule.id}"))


@bp.post("/<int:rule_id>/retirement", needs=MAY)
def retire(rule_id: int) -> Any:
    rule = one(rule_id)
    ruling.retire(g.actor, rule)
    flash(gettext(N_("The rule “%(title)s” is removed. Its history stays."), title=gettext(rule.name)), "ok")
    return see_other(url_for("automation.index"))
