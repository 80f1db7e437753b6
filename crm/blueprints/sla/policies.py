"""The promises in their order, each in words, and the form of one."""

from typing import Any

from flask import abort, g, request, url_for
from werkzeug.wrappers import Response

from crm.blueprints.sla.area import MAY, Problem, bp, done, named, whole
from crm.blueprints.sla.policy_form import PolicyForm
from crm.blueprints.sla.wording import told_steps, told_times, told_whom
from crm.domain.sla import anew, policies
from crm.domain.sla.models import SlaPolicy
from crm.domain.sla.promises import policies as known_policies
from crm.infra.db import db
from crm.kernel.errors import Conflict, Invalid
from crm.kernel.text import N_
from crm.web.errors import status_of, told
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext


@bp.get("/sla", needs=MAY)
def index() -> Any:
    rows = [(each, told_whom(each), told_times(each), told_steps(each)) for each in known_policies()]
    return render("sla/policies.html", rows=rows, run=anew.last_run())


@bp.get("/sla/new", needs=MAY)
def new_policy() -> Any:
    return _policy(None, PolicyForm.of(None))


@bp.get("/sla/<int:sla_policy_id>", needs=MAY)
def policy(sla_policy_id: int) -> Any:
    one = _kept(sla_policy_id)
    return _policy(one, PolicyForm.of(one))


@bp.post("/sla", needs=MAY)
def make_policy() -> Any:
    return _save(None)


@bp.post("/sla/<int:sla_policy_id>", needs=MAY)
def change_policy(sla_policy_id: int) -> Any:
    return _save(_kept(sla_policy_id))


def _save(one: SlaPolicy | None) -> Response:
    form = PolicyForm(request.form)
    try:
        given = form.read()
        if one is not None:
            given["name"] = named(given["name"], one.name)
        saved = policies.save(g.actor, one, given, seen=whole("version") or 0)
    except (Invalid, Conflict) as problem:
        return _policy(one, form, status_of(problem), (problem.params.get("key", ""), told(problem)))
    return done(url_for("sla.index"), name=gettext(saved.name))


def _policy(one: SlaPolicy | None, form: PolicyForm, status: int = 200, problem: Problem = ("", "")) -> Response:
    address = url_for("sla.change_policy", sla_policy_id=one.id) if one else url_for("sla.make_policy")
    return render("sla/policy.html", status, policy=one, form=form, problem=problem, address=address)


@bp.post("/sla/<int:sla_policy_id>/place", needs=MAY)
def move_policy(sla_policy_id: int) -> Any:
    policies.move(g.actor, _kept(sla_policy_id), 1 if request.form.get("way") == "down" else -1)
    return see_other(url_for("sla.index", _anchor=f"policy-{sla_policy_id}"))


@bp.post("/sla/<int:sla_policy_id>/retirement", needs=MAY)
def retire_policy(sla_policy_id: int) -> Any:
    one = _kept(sla_policy_id)
    policies.retire(g.actor, one)
    return done(url_for("sla.index"), N_("“%(name)s” is not promised any more."), name=gettext(one.name))


def _kept(policy_id: int) -> SlaPolicy:
    found = db.session.get(SlaPolicy, policy_id)
    return found if found is not None and found.retired_at is None else abort(404)
