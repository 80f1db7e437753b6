"""The administration of the pool of customers: the rule of each department, and what it does tonight."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, g, request, url_for
from werkzeug.wrappers import Response

from crm.blueprints.pool.forms import RuleForm
from crm.domain.customers.pool_rules import Pools, Rule, pools_of
from crm.domain.people.models import Department
from crm.domain.people.queries import departments, names
from crm.domain.pool import due, ruling
from crm.domain.pool.models import RETURN, WARN
from crm.domain.pool.running import last_run
from crm.infra.db import db
from crm.kernel.access import FieldRight
from crm.kernel.errors import Invalid
from crm.kernel.patience import OutOfTime, within
from crm.kernel.permissions import Permission
from crm.kernel.text import N_
from crm.web.blueprint import CrmBlueprint
from crm.web.errors import told
from crm.web.formats import day, number
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext

bp = CrmBlueprint("pool", __name__, url_prefix="/admin/pool", module="customers")
MAY = Permission.SYSTEM_ADMINISTER
_PATIENCE_MS = 5_000
COMPANY = 0  # in addresses: the rule of the company


@dataclass(frozen=True)
class Tonight:
    """`rows` are (name, number, address, owner, last heard of); empty `words` mean that it takes too long to tell."""

    words: str
    warned: str
    rows: list[tuple[str, str, str, str, str]]
    more: bool


@bp.get("", needs=MAY)
def index() -> Any:
    pools = pools_of(g.actor)
    rows = [(COMPANY, gettext(N_("The whole company")), 0, pools.of(None), None in pools.own)]
    for each in departments():
        if each.closed_at is None:
            depth = each.path.count("/") - 1
            rows.append((each.id, each.name, depth, pools.of(each.id), each.id in pools.own))
    lines = [(id_, name, depth, _words(rule), own) for id_, name, depth, rule, own in rows]
    tonight = _tonight(pools, {None, *pools.of_department})
    return render("pool/index.html", rows=lines, tonight=tonight, last=last_run(), day=due.next_day())


def _words(rule: Rule) -> str:
    """The rule in a line."""
    said = [_goes_back(rule)]
    if rule.claims is not None:
        said.append(gettext(N_("%(count)s claims a day"), count=number(rule.claims)))
    if rule.most is not None:
        said.append(gettext(N_("%(count)s held at most"), count=number(rule.most)))
    if rule.most_of_level:
        said.append(gettext(N_("limits by level")))
    return " · ".join(said)


def _goes_back(rule: Rule) -> str:
    if rule.days is None:
        return gettext(N_("nothing goes back"))
    return gettext(N_("goes back after %(days)s days"), days=number(rule.days))


@bp.get("/<int:department_id>", needs=MAY)
def show(department_id: int) -> Any:
    department = _department(department_id)
    rule = pools_of(g.actor).of(department.id if department else None)
    return _show(department, RuleForm.of(rule), rule)


def _show(
    department: Department | None,
    form: RuleForm,
    rule: Rule | None,
    status: int = 200,
    problem: tuple[str, str] = ("", ""),
) -> Response:
    pools, id_ = pools_of(g.actor), department.id if department else None
    tonight = _tonight(pools.with_rule(id_, rule), _below(department)) if rule is not None else None
    return render(
        "pool/rule.html",
        status,
        department=department,
        own=id_ in pools.own,
        form=form,
        tonight=tonight,
        problem=problem,
        day=due.next_day(),
        address=url_for("pool.save", department_id=id_ or COMPANY),
    )


@bp.post("/<int:department_id>", needs=MAY)
def save(department_id: int) -> Any:
    """`do=preview` shows what the rule would do and keeps nothing."""
    department, form = _department(department_id), RuleForm(request.form)
    try:
        rule = form.rule()
        if request.form.get("do") == "preview":
            return _show(department, form, rule)
        ruling.save(g.actor, department, rule)
    except Invalid as problem:
        return _show(department, form, None, 422, (problem.params.get("key", ""), told(problem)))
    flash(gettext(N_("The rule is saved.")), "ok")
    return see_other(url_for("pool.index"))


@bp.post("/<int:department_id>/removal", needs=MAY)
def remove(department_id: int) -> Any:
    ruling.remove(g.actor, _department(department_id) or abort(404))
    flash(gettext(N_("The department has no rule of its own any more: the one above counts.")), "ok")
    return see_other(url_for("pool.index"))


def _department(department_id: int) -> Department | None:
    return None if department_id == COMPANY else db.session.get(Department, department_id) or abort(404)


def _below(department: Department | None) -> set[int | None]:
    """Whom a rule of this department may concern."""
    if department is None:
        return {None, *(each.id for each in departments())}
    return {each.id for each in departments() if each.path.startswith(department.path)}


def _tonight(pools: Pools, where: set[int | None]) -> Tonight:
    try:
        with within(_PATIENCE_MS):
            count, rows = due.preview(g.actor, pools, RETURN, where)
            warned, _ = due.preview(g.actor, pools, WARN, where)
    except OutOfTime:
        return Tonight("", "", [], False)
    may = {key: g.actor.right_to("customers", key) >= FieldRight.READ for key in ("owner", "last_follow_up")}
    owners = names({row.owner_id for row in rows}) if may["owner"] else {}
    return Tonight(
        _count(count),
        _count(warned),
        [(r.name, r.number, f"/customers/{r.id}", owners.get(r.owner_id, ""), _heard(r, may)) for r in rows],
        count > len(rows),
    )


def _heard(row: Any, may: Mapping[str, bool]) -> str:
    return day(row.heard) if may["last_follow_up"] else ""


def _count(count: int) -> str:
    return number(count) if count <= due.MOST_COUNTED else f"{number(due.MOST_COUNTED)}+"
